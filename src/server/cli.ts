#!/usr/bin/env node
import { createProgram } from './commands/program.ts';
import { runProgram } from './commands/run.ts';

process.exitCode = await runProgram(createProgram(), process.argv);
