/** Where a row of the guide writes: the path of elements in the resource itself, before it goes into another one. */
export interface Attribute {
  readonly path: readonly string[];
}

const NAME = '[A-Za-z]\\w*';
const STEP = `${NAME}(?:\\[\\w+\\])?`;
/** `participant[1].individual(Practitioner.name)`, `intent="original-order"`: `[n]` marks an instance and is no index. */
const GRAMMAR = new RegExp(
  `^(?:\\[\\w+\\]\\.)?(${STEP}(?:\\.${STEP})*)(?:\\((.*)\\)(?:\\.[\\w.[\\]]+)?)?(?:="[^"]*")?$`,
);

/** Undefined for what is no path: prose, or with unbalanced parentheses. */
export function parseAttribute(text: string): Attribute | undefined {
  const [whole, path = '', target = ''] = GRAMMAR.exec(text) ?? [];
  if (whole === undefined || !isBalanced(target)) return undefined;
  return { path: path.split('.').map((step) => step.replace(/\[.*$/, '')) };
}

function isBalanced(text: string): boolean {
  let open = 0;
  for (const char of text) {
    if (char === '(') open++;
    if (char === ')' && --open < 0) return false;
  }
  return open === 0;
}
