const LABELS: Record<string, string> = { debug: 'debug', info: 'info ', warn: 'WARN ', error: 'ERROR' };

/** Turns a JSON line of the log into one line for a person: time, level, message, then `name=value`; no line ends and no escapes of the terminal. */
export function oneLine(json: string): string {
  const { level, time, msg, pid: _pid, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  const fields = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const label = typeof level === 'string' ? (LABELS[level] ?? level) : '';
  const text = [clock, label, typeof msg === 'string' ? msg : '', ...fields].filter(Boolean).join(' ');
  return `${text.replaceAll(/\p{Cc}+/gu, ' ')}\n`;
}
