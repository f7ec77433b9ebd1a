/**
 * Alarms: the conditions a configuration names (`alerts`), and those that always hold: a queue on hold.
 *
 * It promises: each alarm is raised once when it begins and cleared once when it is over, both told to whoever listens; a condition that
 * can't be looked at (the database is away) leaves its alarm as it is. It never does: stop or start anything.
 */

export { type Alarm, type AlarmReading, type Alarms, type AlarmsOptions, createAlarms } from './alarms.ts';
export { conditionsOf } from './conditions.ts';
