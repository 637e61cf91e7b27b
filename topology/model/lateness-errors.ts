/** The entry of the error catalogue about events that come too late. */
import { entry } from './error-entry.ts'

export const latenessErrors = {
  lateEvent: entry({
    code: 'SPW-0130',
    name: 'LateEventError',
    errorClass: 'reject',
    text: (values: { lateMs: number; limitMs: number }) =>
      `the event came ${values.lateMs} ms after its own time, and the spout takes ${values.limitMs} ms`,
    hint: 'Raise `lateness` of the spout under new sink names, or bring old events in with a later time of their own.',
  }),
} as const
