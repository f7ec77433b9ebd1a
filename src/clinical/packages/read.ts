import type { Queryable } from '../../foundation/database/index.ts';
import { contentOf, type DefinitionType } from './contents.ts';
import { type DefinitionRow, statements } from './sql.ts';

/** The definitions of one canonical, or all of a type, in all packages and versions, as JSON; the one of the package loaded last comes first. */
export async function readDefinitions(
  database: Queryable,
  { type, url }: { readonly type: DefinitionType; readonly url?: string },
): Promise<readonly unknown[]> {
  const rows = await database.query<DefinitionRow>(statements.definitionsOf, [type, url ?? null]);
  return rows.map(({ content }) => contentOf(content));
}
