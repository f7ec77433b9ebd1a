import { sql } from '../../../foundation/database/index.ts';

const STALE = `f.source_patient_id IS NULL OR f.compared_as IS DISTINCT FROM $1 OR f.extracted_as <> $2`;

/** Source patients that were never compared, or by another model or reading of what is said; with $3 everybody. After $4, in the order of ids. */
export const stale = sql(
  'identity.stale',
  `SELECT s.id AS source FROM source_patient s LEFT JOIN identity_features f ON f.source_patient_id = s.id
    WHERE s.id > $4 AND ($3 OR ${STALE}) ORDER BY s.id LIMIT $5`,
);

export const countStale = sql(
  'identity.count-stale',
  `SELECT count(*)::int AS count FROM source_patient s LEFT JOIN identity_features f ON f.source_patient_id = s.id WHERE $3 OR ${STALE}`,
);

/** Persons with several sources, after $1, with what matching knows of each. */
export const clusters = sql(
  'identity.clusters',
  `SELECT l.person_id AS person, array_agg(f.features ORDER BY f.source_patient_id) AS features,
          array_agg(f.source_patient_id ORDER BY f.source_patient_id) AS sources
     FROM person_link l JOIN identity_features f ON f.source_patient_id = l.source_patient_id
    WHERE l.person_id IN (
            SELECT person_id FROM person_link WHERE person_id > $1 GROUP BY person_id HAVING count(*) > 1 ORDER BY person_id LIMIT $2)
    GROUP BY l.person_id ORDER BY l.person_id`,
);

export const countClusters = sql(
  'identity.count-clusters',
  'SELECT count(*)::int AS count FROM (SELECT FROM person_link GROUP BY person_id HAVING count(*) > 1) s',
);

/** A cluster that somebody has said is right, as it stands with these members, is not asked about again. */
export const judgedClusters = sql(
  'identity.judged-clusters',
  `SELECT r.one AS person FROM identity_review r
    WHERE r.kind = 'suspicious-cluster' AND r.one = ANY($1::text[]) AND r.state = 'decided' AND r.decision = 'same'
      AND NOT EXISTS (SELECT FROM person_link l WHERE l.person_id = r.one AND l.since > r.decided_at)`,
);

/** A sample of what matching knows, spread over all source patients. */
export const sample = sql(
  'identity.sample',
  'SELECT number, features FROM identity_features WHERE number > $1 AND number % $2 = 0 ORDER BY number LIMIT $3',
);

export const countFeatures = sql(
  'identity.count-features',
  'SELECT count(*)::int AS count FROM identity_features',
);
