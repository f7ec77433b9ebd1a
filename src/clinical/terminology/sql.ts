import { sql } from '../../foundation/database/index.ts';

export interface CountRow {
  readonly count: number;
}

/** A row of terminology_load. */
export interface LoadRow {
  readonly id: number;
  readonly kind: 'code-system' | 'concept-map';
  readonly url: string;
  readonly version: string;
  readonly format: string;
  readonly fingerprint: string;
  readonly state: 'loading' | 'ready' | 'retired';
  readonly is_current: boolean;
  readonly position: number;
  readonly header: string;
  readonly rows: number;
  readonly resource_id: string | null;
  readonly started_at: Date;
  readonly ready_at: Date | null;
}

const LOAD =
  'id, kind, url, version, format, fingerprint, state, is_current, position, header, rows, resource_id, started_at, ready_at';

export interface ConceptRow {
  readonly folded: string;
  readonly code: string;
  readonly display: string | null;
  readonly definition: string | null;
  readonly is_active: boolean;
  readonly is_abstract: boolean;
  readonly designations: string | null;
  /** `[kind, target][]`. */
  readonly relations: readonly (readonly [string, string])[] | null;
  /** `[name, type, value][]`. */
  readonly properties: readonly (readonly [string, string, string])[] | null;
}

/** Of terminology_concept c, with what stands in the other tables. */
export const CONCEPT = `c.folded, c.code, c.display, c.definition, c.is_active, c.is_abstract, c.designations,
  (SELECT json_agg(json_build_array(r.kind, r.target) ORDER BY r.kind, r.target)
     FROM terminology_relation r WHERE r.load_id = c.load_id AND r.code = c.code) AS relations,
  (SELECT json_agg(json_build_array(p.name, p.type, p.value) ORDER BY p.name, p.value)
     FROM terminology_property p WHERE p.load_id = c.load_id AND p.code = c.code) AS properties`;

export interface MapRowRow {
  readonly source_system: string;
  readonly source_code: string;
  readonly source_display: string | null;
  readonly target_system: string;
  readonly target_code: string | null;
  readonly target_display: string | null;
  readonly equivalence: string;
  readonly details: string | null;
}

const MAP_ROW =
  'source_system, source_code, source_display, target_system, target_code, target_display, equivalence, details';

export const statements = {
  // What is there
  list: sql(
    'terminology.list',
    `SELECT ${LOAD} FROM terminology_load WHERE state <> 'retired' ORDER BY kind, url, ready_at, id`,
  ),
  ready: sql(
    'terminology.ready',
    `SELECT ${LOAD} FROM terminology_load WHERE state = 'ready' ORDER BY kind, url, ready_at, id`,
  ),
  generation: sql(
    'terminology.generation',
    `SELECT concat_ws('/',
       (SELECT string_agg(id || '.' || revision, ',' ORDER BY id) FROM terminology_load WHERE state = 'ready'),
       (SELECT max(id) || '.' || count(*) FROM change_feed WHERE type IN ('CodeSystem', 'ValueSet', 'ConceptMap')),
       (SELECT string_agg(id || '.' || left(digest, 12), ',' ORDER BY id) FROM fhir_package)) AS generation`,
  ),

  // Loading
  find: sql(
    'terminology.find',
    `SELECT ${LOAD} FROM terminology_load
      WHERE kind = $1 AND url = $2 AND version = $3 AND state <> 'retired' ORDER BY id FOR UPDATE`,
  ),
  begin: sql(
    'terminology.begin',
    `INSERT INTO terminology_load (kind, url, version, format, fingerprint, state, header, started_at)
     VALUES ($1, $2, $3, $4, $5, 'loading', $6, $7) RETURNING id`,
  ),
  /** Only who knows how far it was gets further, so that two that load the same do not write over each other. */
  advance: sql(
    'terminology.advance',
    `UPDATE terminology_load SET position = $3 WHERE id = ANY($1) AND position = $2 AND state = 'loading' RETURNING id`,
  ),
  /** New words are put into their index in large pieces, which costs a fraction of one by one. */
  deferWords: sql('terminology.defer-words', `SET LOCAL gin_pending_list_limit = '64MB'`, { prepare: false }),
  copyConcepts: sql(
    'terminology.copy-concepts',
    `COPY terminology_concept
       (load_id, folded, code, ordinal, display, definition, is_active, is_abstract, designations, words) FROM STDIN`,
  ),
  copyRelations: sql(
    'terminology.copy-relations',
    'COPY terminology_relation (load_id, code, kind, target) FROM STDIN',
  ),
  copyProperties: sql(
    'terminology.copy-properties',
    'COPY terminology_property (load_id, code, name, type, value) FROM STDIN',
  ),
  copyMapRows: sql(
    'terminology.copy-map-rows',
    `COPY terminology_map_row (load_id, ordinal, ${MAP_ROW}) FROM STDIN`,
  ),
  known: sql(
    'terminology.known',
    `SELECT c.load_id, c.folded
       FROM unnest($1::bigint[], $2::text[]) AS given (load, folded)
       JOIN terminology_concept c ON c.load_id = given.load AND c.folded = given.folded`,
  ),

  // Checks before it is ready
  withoutDisplay: sql(
    'terminology.without-display',
    'SELECT code FROM terminology_concept WHERE load_id = $1 AND is_active AND display IS NULL ORDER BY ordinal LIMIT 3',
  ),
  withoutParent: sql(
    'terminology.without-parent',
    `SELECT c.code FROM terminology_concept c
      WHERE c.load_id = $1 AND c.is_active AND c.code <> $2
        AND NOT EXISTS (SELECT FROM terminology_relation r WHERE r.load_id = $1 AND r.code = c.code AND r.kind = 'parent')
      ORDER BY c.ordinal LIMIT 3`,
  ),
  unknownRelations: sql(
    'terminology.unknown-relations',
    `SELECT r.code, r.kind, r.target FROM terminology_relation r
      WHERE r.load_id = $1
        AND (NOT EXISTS (SELECT FROM terminology_concept c WHERE c.load_id = $1 AND c.folded = CASE WHEN $2 THEN r.code ELSE lower(r.code) END)
          OR NOT EXISTS (SELECT FROM terminology_concept c WHERE c.load_id = $1 AND c.folded = CASE WHEN $2 THEN r.target ELSE lower(r.target) END))
      LIMIT 3`,
  ),
  unknownProperties: sql(
    'terminology.unknown-properties',
    `SELECT p.code FROM terminology_property p
      WHERE p.load_id = $1
        AND NOT EXISTS (SELECT FROM terminology_concept c WHERE c.load_id = $1 AND c.folded = CASE WHEN $2 THEN p.code ELSE lower(p.code) END)
      LIMIT 3`,
  ),
  /** The hierarchy as numbers, a piece of it. */
  edges: sql(
    'terminology.edges',
    `SELECT array_agg(c.ordinal) AS children, array_agg(p.ordinal) AS parents
       FROM terminology_concept c
       JOIN terminology_relation r ON r.load_id = c.load_id AND r.code = c.code AND r.kind = 'parent'
       JOIN terminology_concept p ON p.load_id = c.load_id AND p.folded = CASE WHEN $4 THEN r.target ELSE lower(r.target) END
      WHERE c.load_id = $1 AND c.ordinal >= $2 AND c.ordinal < $3`,
  ),
  codeAt: sql(
    'terminology.code-at',
    'SELECT code FROM terminology_concept WHERE load_id = $1 AND ordinal = $2',
  ),
  contradictions: sql(
    'terminology.contradictions',
    `SELECT source_system, source_code, target_system, array_agg(DISTINCT target_code) AS targets, count(*) OVER () AS count
       FROM terminology_map_row
      WHERE load_id = $1 AND equivalence IN ('equal', 'equivalent') AND target_code IS NOT NULL
      GROUP BY source_system, source_code, target_system
     HAVING count(DISTINCT target_code) > 1
      ORDER BY source_system, source_code LIMIT 20`,
  ),
  mapGroups: sql(
    'terminology.map-groups',
    `SELECT source_system, target_system FROM terminology_map_row WHERE load_id = $1
      GROUP BY source_system, target_system ORDER BY min(ordinal)`,
  ),
  /** Names that concepts have properties under. */
  propertyNames: sql(
    'terminology.property-names',
    `SELECT name FROM terminology_property WHERE load_id = $1
     UNION SELECT kind FROM terminology_relation WHERE load_id = $1 AND kind <> 'parent'
     ORDER BY 1`,
  ),
  countConcepts: sql(
    'terminology.count-concepts',
    'SELECT count(*) AS count FROM terminology_concept WHERE load_id = $1',
  ),
  countMapRows: sql(
    'terminology.count-map-rows',
    'SELECT count(*) AS count FROM terminology_map_row WHERE load_id = $1',
  ),
  analyze: [
    sql('terminology.analyze-concepts', 'ANALYZE terminology_concept', { prepare: false }),
    sql('terminology.analyze-relations', 'ANALYZE terminology_relation', { prepare: false }),
    sql('terminology.analyze-properties', 'ANALYZE terminology_property', { prepare: false }),
    sql('terminology.analyze-maps', 'ANALYZE terminology_map_row', { prepare: false }),
    /** What was put into the index of words and not sorted in yet would be gone through by each search. */
    sql('terminology.settle-words', `SELECT gin_clean_pending_list('terminology_concept_words'::regclass)`, {
      prepare: false,
    }),
  ],

  // Versions
  lock: sql('terminology.lock', `SELECT pg_advisory_xact_lock(hashtext('isthmus.terminology'))`),
  retireVersion: sql(
    'terminology.retire-version',
    `UPDATE terminology_load SET state = 'retired', is_current = false, revision = nextval('terminology_revision')
      WHERE kind = $1 AND url = $2 AND version = $3 AND state = 'ready' RETURNING id`,
  ),
  unsetCurrent: sql(
    'terminology.unset-current',
    `UPDATE terminology_load SET is_current = false, revision = nextval('terminology_revision')
      WHERE kind = $1 AND url = $2 AND is_current`,
  ),
  setReady: sql(
    'terminology.set-ready',
    `UPDATE terminology_load
        SET state = 'ready', is_current = $2, header = $3, rows = $4, resource_id = $5, ready_at = $6,
            revision = nextval('terminology_revision')
      WHERE id = $1 AND state = 'loading' RETURNING id`,
  ),
  setCurrent: sql(
    'terminology.set-current',
    `UPDATE terminology_load SET is_current = true, revision = nextval('terminology_revision')
      WHERE id = $1 AND state = 'ready'`,
  ),
  retire: sql(
    'terminology.retire',
    `UPDATE terminology_load SET state = 'retired', is_current = false, revision = nextval('terminology_revision')
      WHERE id = ANY($1)`,
  ),
  ofUrl: sql(
    'terminology.of-url',
    `SELECT ${LOAD} FROM terminology_load WHERE url = $1 AND ($2::text IS NULL OR version = $2) AND state <> 'retired'
      ORDER BY id FOR UPDATE`,
  ),
  latestReady: sql(
    'terminology.latest-ready',
    `SELECT ${LOAD} FROM terminology_load WHERE kind = $1 AND url = $2 AND state = 'ready' ORDER BY ready_at DESC, id DESC LIMIT 1`,
  ),
  retired: sql('terminology.retired', `SELECT id FROM terminology_load WHERE state = 'retired' ORDER BY id`),
  purge: [
    sql('terminology.purge-concepts', purged('terminology_concept')),
    sql('terminology.purge-relations', purged('terminology_relation')),
    sql('terminology.purge-properties', purged('terminology_property')),
    sql('terminology.purge-map-rows', purged('terminology_map_row')),
  ],
  forget: sql('terminology.forget', `DELETE FROM terminology_load WHERE id = $1 AND state = 'retired'`),

  // Code systems
  concepts: sql(
    'terminology.concepts',
    `SELECT ${CONCEPT} FROM terminology_concept c WHERE c.load_id = $1 AND c.folded = ANY($2)`,
  ),
  roots: sql(
    'terminology.roots',
    `SELECT c.code FROM terminology_concept c
      WHERE c.load_id = $1
        AND c.ordinal > COALESCE((SELECT a.ordinal FROM terminology_concept a WHERE a.load_id = $1 AND a.folded = $2), -1)
        AND NOT EXISTS (SELECT FROM terminology_relation r WHERE r.load_id = $1 AND r.code = c.code AND r.kind = 'parent')
      ORDER BY c.ordinal LIMIT $3`,
  ),
  children: sql(
    'terminology.children',
    `SELECT c.code FROM terminology_relation r
       JOIN terminology_concept c ON c.load_id = r.load_id AND c.folded = CASE WHEN $5 THEN r.code ELSE lower(r.code) END
      WHERE r.load_id = $1 AND r.target = (SELECT code FROM terminology_concept WHERE load_id = $1 AND folded = $2) AND r.kind = 'parent'
        AND c.ordinal > COALESCE((SELECT a.ordinal FROM terminology_concept a WHERE a.load_id = $1 AND a.folded = $3), -1)
      ORDER BY c.ordinal LIMIT $4`,
  ),
  /** UNION keeps each code once, so that a cycle ends. */
  isAncestor: sql(
    'terminology.is-ancestor',
    `WITH RECURSIVE above (code) AS (
       SELECT target FROM terminology_relation WHERE load_id = $1 AND kind = 'parent' AND code = $3
       UNION
       SELECT r.target FROM above a JOIN terminology_relation r ON r.load_id = $1 AND r.kind = 'parent' AND r.code = a.code)
     SELECT 1 FROM above WHERE code = $2 LIMIT 1`,
  ),

  // Concept maps
  mapRows: sql(
    'terminology.map-rows',
    `SELECT ${MAP_ROW} FROM terminology_map_row
      WHERE load_id = $1 AND source_code = ANY($2) AND source_system = $3 ORDER BY ordinal`,
  ),
  reverseRows: sql(
    'terminology.reverse-rows',
    `SELECT ${MAP_ROW} FROM terminology_map_row
      WHERE load_id = $1 AND target_code = ANY($2) AND target_system = $3 ORDER BY ordinal`,
  ),
} as const;

/** A piece of the rows of a load, so that no statement runs long. */
function purged(table: string): string {
  return `WITH gone AS (
      DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE load_id = $1 LIMIT 20000)) RETURNING 1)
    SELECT count(*) AS count FROM gone`;
}
