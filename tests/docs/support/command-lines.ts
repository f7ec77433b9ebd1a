import type { Command } from 'commander';
import { createProgram } from '../../../src/server/commands/index.ts';

/** What is wrong with a command line of the documentation, or undefined: its command, every option and the number of arguments. */
export function mistakeIn(line: string): string | undefined {
  let command: Command = createProgram();
  const words = wordsOf(line).slice(1);
  while (words.length > 0) {
    const child = command.commands.find((each) => each.name() === words[0]);
    if (!child) break;
    command = child;
    words.shift();
  }
  if (command.parent === null)
    return words[0]?.startsWith('-') || words.length === 0 ? undefined : `no command ${words[0]}`;
  return mistakeInWords(command, words);
}

function mistakeInWords(command: Command, words: string[]): string | undefined {
  const given: string[] = [];
  let positional = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) {
      positional += 1;
      continue;
    }
    const option = [command, command.parent]
      .flatMap((each) => each?.options ?? [])
      .find((each) => each.long === word || each.short === word);
    if (word === '--help') continue;
    if (!option) return `${command.name()} has no option ${word}`;
    given.push(option.attributeName());
    if (option.required) at += 1;
  }
  const missing = command.options.find((each) => each.mandatory && !given.includes(each.attributeName()));
  if (missing) return `${command.name()} needs ${missing.long}`;
  const { registeredArguments } = command;
  const needed = registeredArguments.filter((each) => each.required).length;
  const isOpen = registeredArguments.at(-1)?.variadic === true;
  if (positional < needed || (positional > registeredArguments.length && !isOpen))
    return `${command.name()} takes other arguments`;
  return undefined;
}

/** Words as a shell splits them, up to a pipe, a redirection, a comment or the next command. */
function wordsOf(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const end = words.findIndex((word) => /^(\||>|>>|&&|;|#|&)/.test(word));
  return (end < 0 ? words : words.slice(0, end)).map((word) => word.replace(/^["']|["']$/g, ''));
}
