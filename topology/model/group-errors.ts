/** Entries of the error catalogue about the group that shares a log's partitions among processes. */
import { entry } from './error-entry.ts'

export const groupErrors = {
  groupRefused: entry({
    code: 'SPW-0240',
    name: 'groupRefused',
    errorClass: 'stop',
    text: (values: { group: string; topic: string; reason: string }) =>
      `no membership in group ${values.group} of topic ${values.topic}: ${values.reason}`,
    hint: 'Check the rights of this user on the group, and with `kafka-consumer-groups --describe --members` who else is in it.',
  }),
  groupAway: entry({
    code: 'SPW-0241',
    name: 'groupAway',
    errorClass: 'retry',
    text: (values: { group: string; topic: string; reason: string }) =>
      `no membership in group ${values.group} of topic ${values.topic} for now: ${values.reason}`,
    hint: 'Nothing is lost meanwhile; it is joined again as soon as its coordinator answers. Check the brokers.',
  }),
  topicGrown: entry({
    code: 'SPW-0242',
    name: 'topicGrown',
    errorClass: 'retry',
    text: (values: { topic: string; found: number; known: number }) =>
      `topic ${values.topic} has grown to ${values.found} partitions, this process knows the first ${values.known}`,
    hint: 'Start the processes of this topology again, one after the other: what a new one is given it reads from the start.',
  }),
} as const
