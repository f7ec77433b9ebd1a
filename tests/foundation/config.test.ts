import { describe, expect, test } from 'vitest';
import { ConfigError, describeSettings, manifest, readSettings } from '../../src/foundation/config/index.ts';

function problemsOf(env: Record<string, string>) {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('settings', () => {
  test('the defaults are those of the design', () => {
    expect(readSettings({})).toMatchObject({
      home: '.isthmus',
      host: '127.0.0.1',
      port: 8080,
      mllpHost: '127.0.0.1',
      mllpPort: 2575,
    });
    expect(readSettings({}).databaseUrl).toBeUndefined();
  });

  test('what was set is known as such; an empty variable was not', () => {
    const settings = readSettings({ PORT: '8080', MLLP_PORT: ' ' });
    expect(settings.given.has('port')).toBe(true);
    expect(settings.given.has('mllpPort')).toBe(false);
  });

  test('every mistake is listed at once, with what is expected and without the value', () => {
    const problems = problemsOf({
      PORT: '70000',
      MLLP_PORT: '2575x',
      HOST: 'not a host',
      DATABASE_URL: 'mysql://u:s3cret@h/d',
      ISTHMUS_LOG: 'loud',
      ISTHMUS_DATABASE_POOL: '1',
      ISTHMUS_HOEM: '/data',
    });
    expect(problems.map(({ place }) => place).sort()).toEqual(
      [
        'DATABASE_URL',
        'HOST',
        'ISTHMUS_DATABASE_POOL',
        'ISTHMUS_HOEM',
        'ISTHMUS_LOG',
        'MLLP_PORT',
        'PORT',
      ].sort(),
    );
    expect(JSON.stringify(problems)).not.toMatch(/s3cret|loud|70000/);
    expect(problems.find(({ place }) => place === 'ISTHMUS_HOEM')?.text).toContain('ISTHMUS_HOME');
  });

  test('variables of a configuration are left alone', () => {
    expect(problemsOf({ ISTHMUS_TELEVISIT_SECRET: 'x', HOSTNAME: 'y' })).toEqual([]);
  });

  test('the documentation lists every setting', () => {
    for (const { name } of Object.values(manifest)) expect(describeSettings()).toContain(`\`${name}\``);
  });
});
