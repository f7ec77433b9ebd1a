// The house rules of docs/architecture.md as lint rules: who may import whom, and only through the door.
const layer = (name) => `^src/${name}/`;
const above = (...names) => `^src/(${names.join('|')})/`;

/** Each layer with everything that lies to its right and so must stay unknown to it. */
const layers = [
  ['standards', ['foundation', 'exchange', 'clinical', 'trust', 'gateway', 'care', 'operations', 'server']],
  ['foundation', ['exchange', 'clinical', 'trust', 'gateway', 'care', 'operations', 'server']],
  ['exchange', ['clinical', 'trust', 'gateway', 'care', 'operations', 'server']],
  ['clinical', ['exchange', 'trust', 'gateway', 'care', 'operations', 'server']],
  ['trust', ['gateway', 'care', 'operations', 'server']],
  ['gateway', ['care', 'operations', 'server']],
  ['care', ['operations', 'server']],
  ['operations', ['server']],
];

module.exports = {
  forbidden: [
    ...layers.map(([name, forbidden]) => ({
      name: `layer-${name}`,
      comment: `${name} must not know ${forbidden.join(', ')} (docs/architecture.md, "Who may import whom")`,
      severity: 'error',
      from: { path: layer(name) },
      to: { path: above(...forbidden) },
    })),
    {
      name: 'one-door',
      comment: 'A module is entered through its index.ts only',
      severity: 'error',
      from: { path: '^(src/[^/]+/[^/]+/|demo/|bench/|tests/)', pathNot: '^src/server/' },
      to: { path: '^src/([^/]+)/([^/]+)/', pathNot: ['^src/[^/]+/[^/]+/index\\.ts$', '^$1'] },
    },
    {
      name: 'one-door-server',
      comment: 'The composition root, too, enters modules through their doors',
      severity: 'error',
      from: { path: '^src/server/' },
      to: { path: '^src/(?!server/)[^/]+/[^/]+/', pathNot: '^src/[^/]+/[^/]+/index\\.ts$' },
    },
    {
      name: 'record-and-messages-through-trust',
      comment: 'Above trust, the record and the message store are opened for someone (trust/access)',
      severity: 'error',
      from: { path: above('gateway', 'care', 'operations') },
      to: { path: '^src/(clinical/record|exchange/queue)/' },
    },
    {
      name: 'standards-are-pure',
      comment: 'standards/ has no I/O, no clock, no database',
      severity: 'error',
      from: { path: layer('standards') },
      to: { path: '^(node:)?(fs|net|http|https|tls|child_process|dns|timers|worker_threads)(/|$)' },
    },
    {
      name: 'product-does-not-know-its-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(tests|bench|demo|examples)/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\.(sql|html)$|^@medplum/fhirtypes' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
