/** Entries of the error catalogue about what a run shows of itself: its page, its metrics, its alerts. */
import { entry } from './error-entry.ts'

export const observeErrors = {
  portTaken: entry({
    code: 'SPW-0601',
    name: 'portTaken',
    errorClass: 'stop',
    text: (values: { host: string; port: number }) => `port ${values.port} on ${values.host} is taken`,
    hint: 'Another run or program listens there. Give another port with `--http`, or 0 for any that is free.',
  }),
  cannotListen: entry({
    code: 'SPW-0602',
    name: 'cannotListen',
    errorClass: 'stop',
    text: (values: { host: string; port: number; reason: string }) =>
      `nothing can listen on ${values.host}:${values.port}: ${values.reason}`,
    hint: '`--http` takes an address of this machine: 127.0.0.1 for itself, 0.0.0.0 for everybody.',
  }),
} as const
