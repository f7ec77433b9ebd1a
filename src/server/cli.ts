#!/usr/bin/env node
import { createProgram, runProgram } from './commands/index.ts';

// Whoever reads the output may have gone (isthmus messages | head): a command ends, and an engine stops in order.
process.stdout.once('error', () => process.kill(process.pid, 'SIGTERM')).on('error', () => undefined);

const exitCode = await runProgram(createProgram(), process.argv);
// What was printed goes out first; then nothing that a library left open keeps the shell waiting.
process.stdout.write('', () => process.exit(exitCode));
