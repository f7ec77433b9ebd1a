import { join } from 'node:path';

/** Where the head of the audit trail is kept, outside the database: `ISTHMUS_HOME/audit-head.json`. */
export const auditHeadFile = (home: string): string => join(home, 'audit-head.json');
