/** Errors of a log that has lost what was read from it, or was still to be read. */
import { entry } from './error-entry.ts'

export const lossErrors = {
  logExpired: entry({
    code: 'SPW-0201',
    name: 'logExpired',
    errorClass: 'stop',
    text: (values: { log: string; partition: number; offset: number; start: number }) =>
      `offset ${values.offset} of ${values.log}/${values.partition} is gone: the log begins at ${values.start}, ${values.start - values.offset} records are lost`,
    hint: 'Lengthen the retention of the log. What is lost is shown by `topology skip`, which lets a run go on behind it.',
  }),
  logBeyondEnd: entry({
    code: 'SPW-0202',
    name: 'logBeyondEnd',
    errorClass: 'stop',
    text: (values: { log: string; partition: number; offset: number; end: number }) =>
      `offset ${values.offset} of ${values.log}/${values.partition} is beyond the end ${values.end}: the log was truncated or made anew`,
    hint: 'A log made anew needs rows and objects of its own, or another topology name.',
  }),
  logTruncated: entry({
    code: 'SPW-0230',
    name: 'logTruncated',
    errorClass: 'stop',
    text: (values: { log: string; partition: number; offset: number; expected: number; found: number }) =>
      `offset ${values.offset} of ${values.log}/${values.partition} was read under leader epoch ${values.expected} and is of ${values.found} now: the log was truncated, and offsets from somewhere below on were given to other records`,
    hint: 'A leader that lacked records was elected (unclean leader election): what was read before may be in the log no more. Recompute into rows and objects of their own, or under another topology name.',
  }),
  lossMoved: entry({
    code: 'SPW-0231',
    name: 'lossMoved',
    errorClass: 'stop',
    text: (values: { spout: string; partition: number }) =>
      `lanes of ${values.spout}/${values.partition} have moved since they were looked at: nothing of this partition was let go`,
    hint: 'Look again: `topology skip`.',
  }),
} as const
