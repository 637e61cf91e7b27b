/**
 * Clears what killed writers left in the hidden place of a folder store.
 *
 * A write is named by its writer. Only a writer that is proved dead (same host and pid name space, no such process) or
 * that has not touched its file for a week loses it: a writer that still lives may be about to put its record into the
 * chain. A dead writer's record that is in the chain gets its body shown first, so nothing that was decided is undone.
 */
import type { FolderFiles } from './folder-files.ts'
import type { FolderPaths } from './folder-paths.ts'
import { type GenerationChain, parsed } from './generation-chain.ts'

// PROTOCOL section 12 assumes a longest delay of a writer; a frozen process that wakes after a week is beyond it.
const silentMsMax = 7 * 24 * 3_600_000

interface Writer {
  readonly host: string
  readonly pid: number
  readonly token: string
}

export const writeToken = ({ host, pid, token }: Writer): string => `${host}.${pid}.${token}`

const shape = /^([0-9a-f]{12})\.(\d+)\.([0-9a-f-]{36})(\.json)?$/

/** Called once when a folder is opened. */
export const removeStaleWrites = async (
  paths: FolderPaths,
  files: FolderFiles,
  chain: GenerationChain,
): Promise<void> => {
  const own = await files.writer()
  const nowMs = await folderTime(paths, files, writeToken(own))
  const tokens = new Set<string>()
  for (const { name } of await files.names(paths.writing)) if (shape.test(name)) tokens.add(name.replace(/\.json$/, ''))
  for (const token of tokens) {
    if (await isStale(paths, files, own, token, nowMs)) await clearWrite(paths, files, chain, token)
  }
}

/** The time as the folder's own file system tells it; also proves that the folder can be written. */
const folderTime = async (paths: FolderPaths, files: FolderFiles, token: string): Promise<number> => {
  const probe = paths.body(token)
  await files.writeNew(probe, nothing())
  const nowMs = (await files.facts(probe))?.changedMs ?? 0
  await files.remove(probe)
  return nowMs
}

async function* nothing(): AsyncIterable<Uint8Array> {}

const isStale = async (
  paths: FolderPaths,
  files: FolderFiles,
  own: Writer,
  token: string,
  nowMs: number,
): Promise<boolean> => {
  const [, host, pid] = shape.exec(token) ?? []
  if (host === own.host && Number(pid) !== own.pid && !files.isAlive(Number(pid))) return true
  const touched = [await files.facts(paths.body(token)), await files.facts(paths.record(token))]
  return touched.every((facts) => facts === undefined || nowMs - facts.changedMs > silentMsMax)
}

const clearWrite = async (
  paths: FolderPaths,
  files: FolderFiles,
  chain: GenerationChain,
  token: string,
): Promise<void> => {
  const bytes = await files.readBytes(paths.record(token))
  const record = bytes === undefined ? undefined : parsed(bytes)
  // Shows the body if its record is the newest of the chain.
  if (record !== undefined) await chain.settle(record.key)
  await files.remove(paths.body(token))
  await files.remove(paths.record(token))
}
