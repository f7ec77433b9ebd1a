-- Codes that came and that no map translates: passed on as they were, counted, and worked off, the most frequent first.
CREATE TABLE terminology_unmapped (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The name of the translation, as a channel's translate('…') has it.
  translation text COLLATE "C" NOT NULL,
  -- Where the sender named none, one of our own: urn:isthmus:codes:SENDER, of units urn:isthmus:units:SENDER, of names without a code
  -- urn:isthmus:texts:SENDER.
  system      text COLLATE "C" NOT NULL,
  code        text COLLATE "C" NOT NULL,
  -- As the sender last spelled it; no patient data: CWE.2 of a coded element.
  display     text,
  -- The element it stands in: `Observation.code`.
  element     text COLLATE "C" NOT NULL,
  source      text COLLATE "C" NOT NULL,
  count       bigint NOT NULL,
  first_seen  timestamptz NOT NULL,
  last_seen   timestamptz NOT NULL,
  -- One message to look at.
  message_id  bigint,
  -- 'open', 'mapped' or 'ignored' (a person decided that it has no translation).
  state       text COLLATE "C" NOT NULL DEFAULT 'open',
  decided_by  text,
  decided_at  timestamptz,
  reason      text,
  UNIQUE (translation, system, code, element, source)
);
CREATE INDEX terminology_unmapped_frequent ON terminology_unmapped (count DESC, id);

-- How a sender's messages are translated, as the engine last did it: what is applied afterwards has to come out the same.
CREATE TABLE terminology_translation (
  translation text COLLATE "C" NOT NULL,
  source      text COLLATE "C" NOT NULL,
  -- JSON: targets by element, concept maps.
  rules       text NOT NULL,
  PRIMARY KEY (translation, source)
);

-- What of the change feed changes terminology, so that caches can ask at no cost.
CREATE INDEX change_feed_terminology ON change_feed (id) WHERE type IN ('CodeSystem', 'ValueSet', 'ConceptMap');
