/** Where the archive spills in a world without files: no real disk decides how late anything is. */
import type { SpillDisk, SpillFile } from '../../../topology/model/ports/spill-disk.ts'

const chunkBytes = 4_096

export const memoryDisk = (): SpillDisk => ({ chunkBytes, open: async () => memoryFile() })

const memoryFile = (): SpillFile => {
  let bytes = new Uint8Array(chunkBytes)
  return {
    write: async (written, position) => {
      const end = position + written.length
      if (end > bytes.length) {
        const longer = new Uint8Array(end * 2)
        longer.set(bytes)
        bytes = longer
      }
      bytes.set(written, position)
    },
    read: async (target, at, length, position) => {
      target.set(bytes.subarray(position, position + length), at)
    },
    discard: () => {
      bytes = new Uint8Array(0)
    },
  }
}
