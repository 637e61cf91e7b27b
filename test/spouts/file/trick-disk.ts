/** The system's disk with faults on demand, and with the number of calls that are under way. */
import { setImmediate as turn } from 'node:timers/promises'
import { errors } from '../../../topology/model/errors.ts'
import { type Disk, type DiskFile, systemDisk } from '../../../topology/spouts/file/disk.ts'

export interface TrickDisk extends Disk {
  /** Bytes of segments that may still be written before the disk is full. */
  bytesLeft: number
  /** Called before each step on a file; what it throws is the step's failure. */
  before: (step: 'write' | 'sync' | 'truncate' | 'writeNow', path: string) => void
  /** Resolves when no call is under way. */
  settle(): Promise<void>
}

export const createTrickDisk = (): TrickDisk => {
  let underWay = 0
  const counted = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    underWay += 1
    try {
      return await work()
    } finally {
      underWay -= 1
    }
  }
  const tricked = (file: DiskFile): DiskFile => ({
    path: file.path,
    read: (bytes, position) => counted(() => file.read(bytes, position)),
    readNow: (bytes, position) => file.readNow(bytes, position),
    write: (bytes, position) =>
      counted(async () => {
        trick.before('write', file.path)
        // As a real disk does, take what fits and refuse the rest.
        const fitting = bytes.subarray(0, trick.bytesLeft)
        trick.bytesLeft -= fitting.length
        await file.write(fitting, position)
        if (fitting.length < bytes.length) throw errors.diskFull({ path: file.path })
      }),
    writeNow: (bytes, position) => {
      trick.before('writeNow', file.path)
      file.writeNow(bytes, position)
    },
    truncate: (length) =>
      counted(async () => {
        trick.before('truncate', file.path)
        await file.truncate(length)
      }),
    sync: () =>
      counted(async () => {
        trick.before('sync', file.path)
        await file.sync()
      }),
    close: () => file.close(),
  })
  const trick: TrickDisk = {
    ...systemDisk,
    bytesLeft: Number.POSITIVE_INFINITY,
    before: () => {},
    openToRead: (path) => {
      const file = systemDisk.openToRead(path)
      return file === undefined ? undefined : tricked(file)
    },
    openToWrite: (path) => tricked(systemDisk.openToWrite(path)),
    syncFolder: (path) => counted(() => systemDisk.syncFolder(path)),
    settle: async () => {
      do for (let count = 0; count < 4; count += 1) await turn()
      while (underWay > 0)
    },
  }
  return trick
}
