-- FHIR packages that were loaded (docs/design/record.md, rules V-P1..). Contents are deflated JSON, which SQL never opens.
CREATE TABLE fhir_package (
  id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name      text COLLATE "C" NOT NULL,
  version   text COLLATE "C" NOT NULL,
  title     text,
  -- Of all resources taken from the archive: the same package again changes nothing.
  digest    text NOT NULL,
  loaded_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (name, version)
);

CREATE TABLE fhir_package_resource (
  package_id integer NOT NULL REFERENCES fhir_package (id) ON DELETE CASCADE,
  type       text COLLATE "C" NOT NULL,
  url        text COLLATE "C" NOT NULL,
  -- Of the resource; empty where it has none.
  version    text COLLATE "C" NOT NULL,
  content    bytea NOT NULL,
  PRIMARY KEY (package_id, type, url, version)
);
