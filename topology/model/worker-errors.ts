/** Entries of the error catalogue about the processes that run lanes. */
import { entry } from './error-entry.ts'

export const workerErrors = {
  workerLost: entry({
    code: 'SPW-0160',
    name: 'WorkerLostError',
    errorClass: 'reject',
    text: (values: { attempts: number; cause: string }) =>
      `${values.attempts} processes were lost while the record was processed, the last one because ${values.cause}`,
    hint: 'The record was not run again. Mend the bolt that it ends or hangs, then `topology dead-letters redrive`.',
  }),
  declaredEndsWorkers: entry({
    code: 'SPW-0460',
    name: 'declaredEndsWorkers',
    errorClass: 'stop',
    text: (values: { sink: string; partition: number; offset: number; attempts: number }) =>
      `${values.sink} cannot finish what it has declared in partition ${values.partition}: ${values.attempts} processes were lost over offset ${values.offset}, which had been processed before`,
    hint: 'A bolt or sink must do the same each time. Give it more memory or time (`worker.callMs`), or mend it, and run again.',
  }),
  workerUnusable: entry({
    code: 'SPW-0461',
    name: 'workerUnusable',
    errorClass: 'stop',
    text: (values: { worker: number; reason: string }) => `worker ${values.worker} cannot serve: ${values.reason}`,
    hint: 'What the supervisor could load and open, its workers must be able to: the same file, folders and servers.',
  }),
  workerUnknown: entry({
    code: 'SPW-0560',
    name: 'workerUnknown',
    errorClass: 'reject',
    text: (values: { worker: number; known: string }) =>
      `there is no worker ${values.worker}; this run has ${values.known}`,
    hint: '`topology status` lists the workers of each process.',
  }),
}
