/** Servers that belong to a process: where one was killed before it could stop its own, the next one that starts or stops servers does it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serverCache } from './install-server.ts'

const ownedFolder = (): string => {
  const folder = join(serverCache(), 'owned')
  mkdirSync(folder, { recursive: true })
  return folder
}

const fileOf = (name: string): string => join(ownedFolder(), `${name}.json`)

/** Notes that a server's folder belongs to this process. */
export const ownServer = (name: string, folder: string): void =>
  writeFileSync(fileOf(name), JSON.stringify({ pid: process.pid, folder }))

export const disownServer = (name: string): void => rmSync(fileOf(name), { force: true })

/** Folders of servers whose owner lives no more. */
export const orphanedServers = (): readonly string[] =>
  readdirSync(ownedFolder()).flatMap((file) => {
    const { pid, folder } = read(join(ownedFolder(), file))
    return pid === undefined || folder === undefined || isRunning(pid) ? [] : [folder]
  })

const read = (path: string): { readonly pid?: number; readonly folder?: string } => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // Its owner is just writing or removing it.
    return {}
  }
}

export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
