import { sql } from '../../foundation/database/index.ts';

/** What `openProfiles` listens to. */
export const CHANNEL = 'isthmus_packages';

export interface PackageRow {
  readonly id: number;
  readonly digest: string;
}

export interface ListRow {
  readonly name: string;
  readonly version: string;
  readonly title: string | null;
  readonly loaded_at: Date;
  readonly type: string | null;
  readonly count: number;
}

export interface DefinitionRow {
  readonly type: string;
  readonly url: string;
  readonly version: string;
  readonly content: Buffer;
}

export const statements = {
  find: sql('packages.find', 'SELECT id, digest FROM fhir_package WHERE name = $1 AND version = $2'),
  /** Waits for another transaction that loads the same package. */
  put: sql(
    'packages.put',
    `INSERT INTO fhir_package (name, version, title, digest) VALUES ($1, $2, $3, $4)
     ON CONFLICT (name, version) DO UPDATE SET title = excluded.title, digest = excluded.digest, loaded_at = now()
     RETURNING id, digest`,
  ),
  clear: sql('packages.clear', 'DELETE FROM fhir_package_resource WHERE package_id = $1'),
  putResource: sql(
    'packages.put-resource',
    'INSERT INTO fhir_package_resource (package_id, type, url, version, content) VALUES ($1, $2, $3, $4, $5)',
  ),
  remove: sql(
    'packages.remove',
    'DELETE FROM fhir_package WHERE name = $1 AND ($2::text IS NULL OR version = $2) RETURNING version',
  ),
  list: sql(
    'packages.list',
    `SELECT p.name, p.version, p.title, p.loaded_at, r.type, count(r.type)::integer AS count
       FROM fhir_package p LEFT JOIN fhir_package_resource r ON r.package_id = p.id
      GROUP BY p.id, r.type
      ORDER BY p.name, p.loaded_at, p.id, r.type`,
  ),
  /** The package loaded last comes last. */
  definitions: sql(
    'packages.definitions',
    `SELECT r.type, r.url, r.version, r.content
       FROM fhir_package_resource r JOIN fhir_package p ON p.id = r.package_id
      WHERE r.type IN ('StructureDefinition', 'ValueSet', 'CodeSystem')
      ORDER BY p.loaded_at, p.id`,
  ),
  definitionsOf: sql(
    'packages.definitions-of',
    `SELECT r.type, r.url, r.version, r.content
       FROM fhir_package_resource r JOIN fhir_package p ON p.id = r.package_id
      WHERE r.type = $1 AND ($2::text IS NULL OR r.url = $2)
      ORDER BY p.loaded_at DESC, p.id DESC`,
  ),
  notify: sql('packages.notify', `SELECT pg_notify('${CHANNEL}', '')`),
};
