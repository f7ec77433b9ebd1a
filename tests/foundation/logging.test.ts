import { describe, expect, test } from 'vitest';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { createLogger, describeError, type LogLevel } from '../../src/foundation/logging/index.ts';

const CANARY = 'CANARY^PATIENT';

function collecting(level: LogLevel = 'debug', format: 'json' | 'line' = 'json') {
  const lines: string[] = [];
  return { logger: createLogger({ level, format, write: (line) => lines.push(line) }), lines };
}

describe('redaction', () => {
  test.each([
    'body',
    'content',
    'headers',
    'authorization',
    'access_token',
    'client-secret',
    'Password',
    'parameters',
  ])('a field named %s is redacted at any depth', (name) => {
    const { logger, lines } = collecting();
    logger.info({ [name]: CANARY, deep: { list: [{ [name]: { value: CANARY } }] }, kept: 7 }, 'm');
    logger.child({ [name]: CANARY }).info({}, 'm');
    expect(lines.join('')).not.toContain(CANARY);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      [name]: '[redacted]',
      kept: 7,
      msg: 'm',
      level: 'info',
    });
  });

  test('bytes are told by their number, passwords in URLs are left out, long texts and deep objects are cut', () => {
    const { logger, lines } = collecting();
    let deep: object = { bottom: CANARY };
    for (let i = 0; i < 50; i++) deep = { deep };
    logger.info(
      { bytes: Buffer.from(CANARY), url: `postgresql://u:${CANARY}@h/db`, long: 'x'.repeat(9_000), deep },
      'm',
    );
    expect(lines[0]).not.toContain(CANARY);
    expect(lines[0]).toContain('postgresql://h/db');
    expect(lines[0]).toContain('[14 bytes]');
    expect(lines[0]?.length).toBeLessThan(3_000);
  });

  test('an object that contains itself is cut, not followed', () => {
    const { logger, lines } = collecting();
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    logger.info({ loop }, 'm');
    expect(lines).toHaveLength(1);
  });
});

describe('errors', () => {
  test('of the database keep code and constraint, but no message and no detail: they quote values', () => {
    const fromDatabase = Object.assign(new Error(`invalid input syntax: "${CANARY}"`), {
      severity: 'ERROR',
      code: '23505',
      detail: `Key (name)=(${CANARY}) already exists.`,
      where: CANARY,
      table: 'patient',
      constraint: 'patient_key',
    });
    const { logger, lines } = collecting();
    logger.error({ error: new IsthmusError('INTERNAL', { cause: fromDatabase }) }, 'm');
    expect(lines[0]).not.toContain(CANARY);
    expect(JSON.parse(lines[0] ?? '').error).toMatchObject({
      code: 'INTERNAL',
      cause: {
        code: '23505',
        database: { table: 'patient', constraint: 'patient_key' },
        stack: expect.any(Array),
      },
    });
  });

  test('of unknown origin keep their frames but not their message, which can quote what was parsed', () => {
    const described = JSON.stringify(
      describeError(new SyntaxError(`Unexpected token in "${CANARY}"\nat ${CANARY}`)),
    );
    expect(described).not.toContain(CANARY);
    expect(described).toContain('logging.test.ts');
  });

  test('our own and those of the system keep their message; a chain of causes ends', () => {
    const loop = new Error('x');
    loop.cause = loop;
    expect(
      describeError(new IsthmusError('PORT_TAKEN', { place: '127.0.0.1:80', cause: loop })).message,
    ).toContain('127.0.0.1:80');
    const system = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    expect(describeError(system)).toMatchObject({
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:9',
    });
    expect(describeError('thrown text')).toEqual({ name: 'string' });
  });
});

describe('form', () => {
  test('a line for people is one line, whatever it says', () => {
    const { logger, lines } = collecting('info', 'line');
    logger.warn({ queue: 'adt\nfake 12:00 ERROR all is lost', n: 3 }, 'the queue waits');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd().split('\n')).toHaveLength(1);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}the queue waits queue=adt/);
  });

  test('what lies below the level is not written', () => {
    const { logger, lines } = collecting('warn');
    logger.info({}, 'm');
    logger.debug({}, 'm');
    logger.error({}, 'm');
    expect(lines).toHaveLength(1);
  });
});
