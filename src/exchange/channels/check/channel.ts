import { z } from 'zod';
import type {
  ChannelDescriptor,
  DestinationDescriptor,
  RecordDescriptor,
  StepDescriptor,
} from '../authoring/index.ts';
import {
  destinationName,
  mayBePlain,
  optionsOf,
  orderOf,
  sendOf,
  systemOfSource,
  trustOf,
} from '../lifecycle/resolve.ts';
import type { StepKind } from '../plan/types.ts';
import type { DeclaredNames } from './names.ts';
import { checkOptions, reportInlineSecrets } from './options.ts';
import type { Judgeable } from './prune.ts';
import type { CheckOptions, Report } from './types.ts';

export interface ChannelScope extends Judgeable {
  readonly names: DeclaredNames;
  readonly check: CheckOptions;
  readonly report: Report;
}

export function checkChannel(channel: ChannelDescriptor, scope: ChannelScope): void {
  checkSource(channel, scope);
  const hasRecord = channel.to.some((target) => target.role === 'record');
  checkSteps(channel.steps ?? [], hasRecord, scope);
  for (const target of channel.to) {
    if (target.role === 'destination') checkDestination(channel, target, scope);
    else checkRecord(target, scope);
  }
  checkOrder(channel, scope);
  checkReply(channel, scope);
}

function checkSource(
  channel: ChannelDescriptor,
  { config, placeOf, names, check, report }: ChannelScope,
): void {
  const { from } = channel;
  const place = placeOf(from);
  if (from.system !== undefined && !names.systems.has(from.system))
    report(`${place}.system`, `no system ${from.system}`);
  const kind = check.kinds.sources.find((candidate) => candidate.kind === from.kind);
  if (!kind)
    report(
      place,
      `no such kind of source; there are: ${check.kinds.sources.map((known) => known.kind).join(', ')}`,
    );
  else checkOptions(from.options, kind.options, { place, check, report });
  reportInlineSecrets(from.options, place, report);
  const needsSystem = channel.to.some((target) => target.role === 'record');
  if (needsSystem && from.system === undefined && systemOfSource(from, config.systems) === undefined) {
    report(
      `${place}.system`,
      'say which system this source belongs to: the record remembers where everything came from',
    );
  }
}

/** `reachesRecord`: what a step finds out comes to a `record()`; the steps of a destination are seen by nobody else (CH34). */
function checkSteps(
  steps: readonly StepDescriptor[],
  reachesRecord: boolean,
  { placeOf, check, report }: ChannelScope,
): void {
  for (const step of steps) {
    if (step.kind !== 'built-in') continue;
    const place = placeOf(step);
    const kind = check.kinds.steps.find((candidate) => candidate.name === step.name);
    if (!kind)
      report(
        place,
        `no such step ${step.name}; there are: ${check.kinds.steps.map((known) => known.name).join(', ')}`,
      );
    else {
      if (kind.forRecord && !reachesRecord)
        report(place, `${step.name} is for record(): among the steps of a channel that has one`);
      checkOptions(step.options, kind.options, { place, check, report });
    }
  }
}

const noOptions = z.strictObject({});

function checkRecord(target: RecordDescriptor, { placeOf, check, report }: ChannelScope): void {
  checkOptions(target.options, check.kinds.record ?? noOptions, { place: placeOf(target), check, report });
}

function checkDestination(
  channel: ChannelDescriptor,
  target: DestinationDescriptor,
  scope: ChannelScope,
): void {
  const { config, placeOf, names, check, report } = scope;
  const place = placeOf(target);
  const system = config.systems[target.system];
  if (!names.systems.has(target.system)) report(`${place}.system`, `no system ${target.system}`);
  const kind = check.kinds.destinations.find((candidate) => candidate.kind === target.kind);
  if (!kind)
    report(
      place,
      `no such kind of destination; there are: ${check.kinds.destinations.map((known) => known.kind).join(', ')}`,
    );
  else checkOptions(optionsOf(target, system), kind.options, { place, check, report });
  reportInlineSecrets(target.options, place, report);
  checkSteps(target.steps ?? [], false, scope);
  checkLanes(channel, target, scope);
  checkPlaintext(target, scope);
  checkSend(channel, target, scope);
  checkTrust(channel, target, scope);
  const { firstMs = 0, maxMs = Number.POSITIVE_INFINITY } = target.retry ?? {};
  if (firstMs > maxMs) report(`${place}.retry.firstMs`, 'at most maxMs');
}

/** MLLP has no protection of its own: off this machine only with TLS, or where somebody says that a tunnel protects it. */
function checkPlaintext(target: DestinationDescriptor, { config, placeOf, report }: ChannelScope): void {
  const system = config.systems[target.system];
  const { host, tls } = optionsOf(target, system);
  if (target.kind !== 'mllp' || typeof host !== 'string' || isLoopback(host) || tls !== undefined) return;
  if (mayBePlain(target, system)) return;
  report(`${placeOf(target)}.host`, 'off loopback only with tls, or with allowPlaintextOffLoopback: true');
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** One in flight for the whole destination leaves nothing for a second connection to do. */
function checkLanes(
  channel: ChannelDescriptor,
  target: DestinationDescriptor,
  { config, placeOf, report }: ChannelScope,
): void {
  const { connections } = optionsOf(target, config.systems[target.system]);
  if (typeof connections !== 'number' || connections <= 1 || orderOf(channel, target) !== 'strict') return;
  report(`${placeOf(target)}.connections`, 'strict order has one connection; more only with order: key');
}

function checkSend(
  channel: ChannelDescriptor,
  target: DestinationDescriptor,
  { placeOf, report }: ChannelScope,
): void {
  if (sendOf(channel, target) !== 'changes') return;
  const place = placeOf(target);
  if (!channel.to.some((other) => other.role === 'record'))
    report(`${place}.send`, 'changes come from record(), which this channel lacks');
  if (target.steps?.length)
    report(`${place}.steps`, 'steps run on messages; this destination is told of changes (send: changes)');
}

/** DESIGN 5: raw HL7 v2 goes on unrendered only between systems declared to be of the same trust. */
function checkTrust(
  channel: ChannelDescriptor,
  target: DestinationDescriptor,
  { config, placeOf, check, report }: ChannelScope,
): void {
  if (sendOf(channel, target) === 'changes') return;
  const system = config.systems[target.system];
  const sourceSystem = systemOfSource(channel.from, config.systems);
  const trust = trustOf(sourceSystem === undefined ? undefined : config.systems[sourceSystem]);
  if (!system || trustOf(system) === trust) return;
  const steps = [...(channel.steps ?? []), ...(target.steps ?? [])];
  if (steps.some((step) => renders(step, check.kinds.steps))) return;
  report(
    `${placeOf(target)}.system`,
    `of trust ${trustOf(system)}, the source is of ${trust}: a transform must render the message`,
  );
}

function renders(step: StepDescriptor, kinds: readonly StepKind[]): boolean {
  if (step.kind === 'built-in') return kinds.find((kind) => kind.name === step.name)?.renders === true;
  return step.kind !== 'filter';
}

/** A strict channel keeps everything in order; a destination that overtakes within it must say so on purpose. */
function checkOrder(channel: ChannelDescriptor, { placeOf, report }: ChannelScope): void {
  const { order } = channel;
  if (typeof order === 'object') {
    const wrong = order.by.filter((place) => !/^(?:\/.*|[A-Z][A-Z0-9]{2}-\d+.*)$/.test(place));
    for (const place of wrong)
      report(
        `${placeOf(channel)}.order`,
        `by('${place}'): an HL7 v2 path (PV1-19.1) or a JSON pointer (/visit/id)`,
      );
  }
  if (order !== 'none') return;
  for (const target of channel.to) {
    if (target.role === 'record')
      report(`${placeOf(channel)}.order`, 'none, but record() must see what concerns a patient in order');
    else if (target.order === 'strict')
      report(`${placeOf(target)}.order`, 'strict, but the channel keeps no order');
  }
}

function checkReply(channel: ChannelDescriptor, { placeOf, report }: ChannelScope): void {
  if (!channel.reply) return;
  const place = `${placeOf(channel)}.reply.from`;
  const { from } = channel.reply;
  const target = channel.to.find((other) => other.role === 'destination' && destinationName(other) === from);
  if (!target) report(place, `no destination ${from} in this channel`);
  else if (target.role === 'destination' && sendOf(channel, target) === 'changes')
    report(place, 'a destination told of changes has no answer');
}
