import { sql } from '../../../foundation/database/index.ts';

/** Statements of the review list. */

const COLUMNS = `id, kind, one, other, probability, score, model_version, message_id, held_until, state, proposed_by, proposed, decided_by,
  decision, reason, event_id, opened_at, decided_at`;

/** Questions that are open already are brought up to date; returns those that are new. */
export const openReviews = sql(
  'identity.open-reviews',
  `INSERT INTO identity_review AS r (kind, one, other, probability, score, model_version, message_id, held_until, state, opened_at)
   SELECT x.kind, x.one, x.other, x.probability, x.score, x.model_version, x.message_id, x.held_until, 'open', x.opened_at
     FROM json_to_recordset($1::json) AS x (kind text, one text, other text, probability double precision, score text,
                                            model_version text, message_id bigint, held_until timestamptz, opened_at timestamptz)
    ORDER BY x.one, x.other
   ON CONFLICT (kind, one, other, coalesce(message_id, 0)) WHERE state IN ('open', 'proposed')
   DO UPDATE SET probability = excluded.probability, score = excluded.score, model_version = excluded.model_version
   RETURNING id, kind, one, other, (xmax = 0) AS is_new`,
);

/** Open questions whether these source patients are somebody else as well. */
export const openAbout = sql(
  'identity.open-reviews-about',
  `SELECT ${COLUMNS} FROM identity_review
    WHERE state IN ('open', 'proposed') AND kind = 'possible-duplicate' AND one = ANY($1::text[])
   UNION
   SELECT ${COLUMNS} FROM identity_review
    WHERE state IN ('open', 'proposed') AND kind = 'possible-duplicate' AND other = ANY($1::text[])`,
);

export const withdraw = sql(
  'identity.withdraw-reviews',
  `UPDATE identity_review SET state = 'withdrawn', decided_at = $2, reason = $3
    WHERE id = ANY($1::bigint[]) AND state IN ('open', 'proposed')`,
);

export const lockReview = sql(
  'identity.lock-review',
  `SELECT ${COLUMNS} FROM identity_review WHERE id = $1 FOR UPDATE`,
);

export const readReview = sql('identity.read-review', `SELECT ${COLUMNS} FROM identity_review WHERE id = $1`);

export const ofMessage = sql(
  'identity.review-of-message',
  `SELECT ${COLUMNS} FROM identity_review WHERE message_id = $1 AND (kind, one, other) = ($2, $3, $4) ORDER BY id DESC LIMIT 1`,
);

export const propose = sql(
  'identity.propose',
  `UPDATE identity_review SET state = 'proposed', proposed_by = $2, proposed = $3, reason = $4 WHERE id = $1`,
);

export const settle = sql(
  'identity.settle-review',
  `UPDATE identity_review SET state = 'decided', decided_by = $2, decision = $3, reason = $4, event_id = $5, decided_at = $6 WHERE id = $1`,
);

export const suspected = sql(
  'identity.suspected',
  `SELECT id FROM identity_review
    WHERE state IN ('open', 'proposed') AND kind = 'overlay' AND one = $1 AND held_until IS NULL LIMIT 1`,
);

export const overlaid = sql(
  'identity.overlaid',
  `SELECT one FROM identity_review WHERE state IN ('open', 'proposed') AND kind = 'overlay' AND one = ANY($1::text[])
   UNION
   SELECT one FROM identity_review
    WHERE state = 'decided' AND kind = 'overlay' AND decision = 'different' AND one = ANY($1::text[])
      AND (held_until IS NULL OR decided_at >= held_until)`,
);

/** What message $1 decided about these two. */
export const eventOfMessage = sql(
  'identity.event-of-message',
  `SELECT id FROM identity_event WHERE message_id = $1 AND one IN ($2, $3) AND other IN ($2, $3) AND undoes IS NULL ORDER BY id DESC LIMIT 1`,
);

export const reopen = sql(
  'identity.reopen-review',
  `UPDATE identity_review SET state = 'open', decided_by = NULL, decision = NULL, decided_at = NULL, proposed_by = NULL, proposed = NULL
    WHERE event_id = $1 AND state = 'decided'
      AND NOT EXISTS (SELECT FROM identity_review o
                       WHERE o.state IN ('open', 'proposed') AND (o.kind, o.one, o.other) = (identity_review.kind, identity_review.one, identity_review.other))
   RETURNING id, one, other`,
);

/** By what is asked ('' for all; what waits for the second of two is open, too), the most probable first; those that hold messages before others. */
export const listReviews = sql(
  'identity.list-reviews',
  `SELECT ${COLUMNS} FROM identity_review
    WHERE ($1 = '' OR state = $1 OR ($1 = 'open' AND state = 'proposed')) AND ($2 = '' OR kind = $2) AND ($3 = '' OR one = $3 OR other = $3)
    ORDER BY (held_until IS NULL), coalesce(probability, 1) DESC, id LIMIT $4 OFFSET $5`,
);
