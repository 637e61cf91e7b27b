/**
 * The one file through which spilled lines touch the disk. A spill is no store: it is not synced and nobody reads it
 * after a crash, because the lane reads the log again.
 */
import { readSync, unlinkSync } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { storageError } from '../../topology/model/errors.ts'
import type { SpillFile } from '../../topology/model/ports/spill-disk.ts'

/** Makes a spill file whose name nobody else uses. Throws `retry` when the disk is full. */
export const openSpillFile = async (folder: string, name: string): Promise<SpillFile> => {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw storageError(folder, error)
  })
  for (let attempt = 0; ; attempt++) {
    const path = join(folder, `${name}-${attempt}.spill`)
    try {
      return spillFile(path, await open(path, 'wx+'))
    } catch (error) {
      // Another epoch, or another owner of the same lane, writes there.
      if ((error as { code?: unknown }).code !== 'EEXIST') throw storageError(path, error) // Node attaches the code
    }
  }
}

// A short read of bytes that were just written takes 2 us; handing it to another thread takes 15.
const shortBytes = 16_384

const spillFile = (path: string, handle: FileHandle): SpillFile => {
  let isDiscarded = false
  const during = async (run: () => Promise<void>): Promise<void> => {
    try {
      await run()
    } catch (error) {
      throw storageError(path, error)
    }
  }
  return {
    write: (bytes, position) =>
      during(async () => {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
          done += bytesWritten
        }
      }),
    read: (target, at, length, position) =>
      during(async () => {
        for (let done = 0; done < length; ) {
          const bytesRead =
            length <= shortBytes
              ? readSync(handle.fd, target, at + done, length - done, position + done)
              : (await handle.read(target, at + done, length - done, position + done)).bytesRead
          if (bytesRead === 0) throw new Error('the spill file is shorter than what was written')
          done += bytesRead
        }
      }),
    discard() {
      if (isDiscarded) return
      isDiscarded = true
      try {
        unlinkSync(path)
      } catch {
        // Somebody emptied the folder: that was the aim.
      }
      // Closing waits for calls under way; a failure to close a file without a name loses nothing.
      handle.close().catch(() => undefined)
    },
  }
}
