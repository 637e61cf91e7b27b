/** Stores on the server of the tests, directly or through a proxy of faults; each has a prefix of its own. */

import { randomUUID } from 'node:crypto'
import type { S3Options } from '../../../../sinks/objects/s3/s3-objects.ts'
import { createBucket, openS3Objects } from '../../../../sinks/objects/s3/s3-objects.ts'
import { systemClock, systemRandom } from '../../../../topology/engine/shell/system-clock.ts'
import { knobValue } from '../../../../topology/model/knobs.ts'
import type { KnobReader } from '../../../../topology/model/ports/dependency.ts'
import type { ObjectBody, ObjectStore } from '../../../../topology/model/ports/object-store.ts'
import { errorClassOf } from '../../../../topology/model/spillway-error.ts'
import { FaultProxy, type FaultProxyOptions } from '../../../drills/fault-proxy.ts'
import { type S3Server, serverOf } from '../../../servers/server-of.ts'

export const s3Server: S3Server | undefined = serverOf('s3')

export const bucket = 'spillway-s3-tests'

/** Options for a prefix that nobody else uses. */
export const s3Options = (more: Partial<S3Options> = {}): S3Options => ({
  ...(s3Server ?? { endpoint: 'http://127.0.0.1:1', accessKeyId: 'nobody', secretAccessKey: 'nothing' }),
  bucket,
  prefix: `test/${randomUUID()}`,
  clock: systemClock,
  random: systemRandom,
  mode: 'run',
  ...more,
})

/** Values of some knobs, also beyond their bounds. */
export const knobsOf =
  (values: Readonly<Record<string, number>>): KnobReader =>
  (name) =>
    values[name] ?? knobValue(name)

export const makeBucket = async (): Promise<void> => {
  await createBucket(s3Options())
}

export const openStore = (more: Partial<S3Options> = {}): Promise<ObjectStore> => openS3Objects(s3Options(more))

export const openProxy = (more: Omit<FaultProxyOptions, 'target'> = {}): Promise<FaultProxy> =>
  new FaultProxy({ target: s3Server?.endpoint ?? '', ...more }).listen()

export const bodyOf = (...chunks: readonly (string | Uint8Array)[]): ObjectBody =>
  async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }

/** Repeats what fails with class `retry`, as the engine does. */
export const patient = (store: ObjectStore): ObjectStore => {
  const repeat = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (errorClassOf(error, 'stop') !== 'retry') throw error
      }
    }
  }
  return {
    name: store.name,
    create: (key, body, metadata) => repeat(() => store.create(key, body, metadata)),
    replace: (key, etag, body, metadata) => repeat(() => store.replace(key, etag, body, metadata)),
    head: (key) => repeat(() => store.head(key)),
    read: (key) => repeat(() => store.read(key)),
    list: async function* (prefix) {
      yield* await repeat(() => Array.fromAsync(store.list(prefix)))
    },
    close: () => store.close(),
  }
}
