/** Entries of the error catalogue about `topology audit`. */
import { entry } from './error-entry.ts'

export const auditErrors = {
  auditTooLarge: entry({
    code: 'SPW-0610',
    name: 'auditTooLarge',
    errorClass: 'stop',
    text: (values: { most: number }) => `there are more than ${values.most} counts to compare`,
    hint: 'Audit one project, collection or timeframe after the other: `--project`, `--collection`, `--timeframe`.',
  }),
  auditLogStands: entry({
    code: 'SPW-0611',
    name: 'auditLogStands',
    errorClass: 'retry',
    text: (values: { topic: string; partition: number; offset: number; end: number }) =>
      `${values.topic}/${values.partition} gives nothing from offset ${values.offset} on, and ends at ${values.end}`,
    hint: 'The log is there and does not answer with records: `topology status` shows whether a run can read it.',
  }),
} as const
