#!/usr/bin/env node
import { createProgram, runProgram } from './commands/index.ts';

const exitCode = await runProgram(createProgram(), process.argv);
// What was printed goes out first; then nothing that a library left open keeps the shell waiting.
process.stdout.write('', () => process.exit(exitCode));
