/**
 * The servers that `npm run servers up` leaves running for everybody on this machine. What is kept of them lies in the
 * cache folder, one file each; a lock lets one process at a time change it.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DockerServer, type KeptContainer } from './docker-server.ts'
import { serverCache, type Tell } from './install-server.ts'
import { NativeServer } from './native-server.ts'
import { isRunning } from './owned-servers.ts'
import { serverAnswers } from './server-answers.ts'
import { type Server, type ServerKind, type ServerSettings, serverKinds } from './server-kinds.ts'
import { startServers, stopOrphans } from './start-servers.ts'

/** One of both. */
interface KeptServer {
  readonly folder?: string
  readonly container?: KeptContainer
}

const keptFolder = (): string => {
  const folder = join(serverCache(), 'shared')
  mkdirSync(folder, { recursive: true })
  return folder
}

const keptFile = (kind: ServerKind): string => join(keptFolder(), `${kind}.json`)

const keep = (server: Server): void => {
  const kept: KeptServer =
    server instanceof NativeServer
      ? { folder: server.folder }
      : server instanceof DockerServer
        ? { container: server.kept }
        : {}
  writeFileSync(keptFile(server.kind), JSON.stringify(kept))
}

const keptServer = (kind: ServerKind): Server | undefined => {
  if (!readdirSync(keptFolder()).includes(`${kind}.json`)) return undefined
  const { folder, container }: KeptServer = JSON.parse(readFileSync(keptFile(kind), 'utf8'))
  if (container !== undefined) return new DockerServer(container)
  return folder === undefined ? undefined : NativeServer.of(folder)
}

export interface SharedServer {
  readonly kind: ServerKind
  readonly server?: Server
  readonly answers: boolean
}

/** Each kind, asked something real. */
export const sharedServers = (): Promise<readonly SharedServer[]> =>
  Promise.all(
    serverKinds.map(async (kind) => {
      const server = keptServer(kind)
      if (server === undefined) return { kind, answers: false }
      return { kind, server, answers: await serverAnswers(kind, server.port) }
    }),
  )

/** Servers that answer stay as they are; others are started anew, without their data. */
export const sharedServersUp = async (tell: Tell, settings: ServerSettings): Promise<readonly Server[]> => {
  const unlock = await lock()
  try {
    const found = await sharedServers()
    const gone = found.filter(({ answers }) => !answers)
    await Promise.all(gone.map(({ server }) => server?.stop()))
    const started = await startServers({
      kinds: gone.map(({ kind }) => kind),
      settings,
      isOwned: false,
      folder: join(tmpdir(), 'spillway-servers'),
      tell,
    })
    for (const server of started.all) keep(server)
    return [...found.flatMap(({ server, answers }) => (answers && server ? [server] : [])), ...started.all]
  } finally {
    unlock()
  }
}

export const sharedServersDown = async (): Promise<void> => {
  const unlock = await lock()
  try {
    await stopOrphans()
    for (const kind of serverKinds) {
      await keptServer(kind)?.stop()
      rmSync(keptFile(kind), { force: true })
    }
  } finally {
    unlock()
  }
}

/** A file that names its holder; that of a process that has died is taken away. */
const lock = async (): Promise<() => void> => {
  const file = join(serverCache(), 'lock')
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch {
      if (isStale(file)) rmSync(file, { force: true })
      await pause(100)
    }
  }
}

const isStale = (file: string): boolean => {
  try {
    const holder = Number(readFileSync(file, 'utf8'))
    return holder > 0 && !isRunning(holder)
  } catch {
    return false
  }
}
