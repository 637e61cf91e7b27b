/** Steps on the disk that stop, as a killed process does, before or after the n-th: every later step fails too. */
import { type FolderFiles, folderFiles } from '../../../../sinks/objects/folder/folder-files.ts'

export class Killed extends Error {}

export interface CrashingFiles {
  readonly files: FolderFiles
  /** Steps that change something, so far. */
  readonly steps: () => number
}

/** `crashAt` counts changing steps from 0; `effect` says whether that step still happens. Each writer has a pid of its own that is dead. */
export const crashingFiles = (crashAt: number, effect: 'before' | 'after'): CrashingFiles => {
  let steps = 0
  let isDead = false
  const alive = (): void => {
    if (isDead) throw new Killed()
  }
  const change =
    <Arguments extends readonly unknown[], Answer>(run: (...given: Arguments) => Promise<Answer>) =>
    async (...given: Arguments): Promise<Answer> => {
      alive()
      const isLast = steps++ === crashAt
      if (isLast) isDead = true
      if (isLast && effect === 'before') throw new Killed()
      const answer = await run(...given)
      if (isLast) throw new Killed()
      return answer
    }
  const look =
    <Arguments extends readonly unknown[], Answer>(run: (...given: Arguments) => Promise<Answer>) =>
    async (...given: Arguments): Promise<Answer> => {
      alive()
      return run(...given)
    }
  const files: FolderFiles = {
    writer: async () => ({ ...(await folderFiles.writer()), pid: 999_999_999 }),
    isAlive: () => false,
    writeNew: change(folderFiles.writeNew),
    link: change(folderFiles.link),
    rename: change(folderFiles.rename),
    remove: change(folderFiles.remove),
    makeFolder: change(folderFiles.makeFolder),
    syncFolder: change(folderFiles.syncFolder),
    facts: look(folderFiles.facts),
    readBytes: look(folderFiles.readBytes),
    names: look(folderFiles.names),
  }
  return { files, steps: () => steps }
}
