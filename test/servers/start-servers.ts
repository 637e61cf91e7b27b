/** Servers for one run of tests, one drill or one benchmark: they end with it. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DockerServer, dockerAnswers } from './docker-server.ts'
import { missingPrograms, type Tell } from './install-server.ts'
import { NativeServer } from './native-server.ts'
import { disownServer, orphanedServers, ownServer } from './owned-servers.ts'
import { type Server, type ServerKind, type ServerSettings, serverKinds } from './server-kinds.ts'

export type ServerWay = 'containers' | 'packages'

/** How servers can be had on this machine; else what to install for it. */
export const serverWay = (
  kinds: readonly ServerKind[] = serverKinds,
): { readonly way: ServerWay } | { readonly missing: string } => {
  if (dockerAnswers()) return { way: 'containers' }
  const missing = missingPrograms(kinds)
  return missing.length === 0 ? { way: 'packages' } : { missing: `Docker does not answer, and ${missing.join('; ')}` }
}

export interface ServerWish {
  readonly kinds: readonly ServerKind[]
  readonly settings?: ServerSettings
  /** Data and logs lie below it, in a folder per port. */
  readonly folder?: string
  /** They end with this process at the latest, or when another one looks; default: true. */
  readonly isOwned?: boolean
  readonly tell?: Tell
}

export interface StartedServers {
  readonly all: readonly Server[]
  /** Throws for a kind that was not wished. */
  get(kind: ServerKind): Server
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const defaultFolder = (): string => join(tmpdir(), 'spillway-servers')

/** All at once; where one fails, the others are stopped. */
export const startServers = async (wish: ServerWish): Promise<StartedServers> => {
  const { kinds, settings = {}, folder = defaultFolder(), isOwned = true, tell = () => undefined } = wish
  const found = serverWay(kinds)
  if ('missing' in found) throw new Error(found.missing)
  await stopOrphans()
  mkdirSync(folder, { recursive: true })
  const start = (kind: ServerKind): Promise<Server> =>
    found.way === 'containers'
      ? DockerServer.start(kind, settings, tell)
      : startNative(kind, { folder, settings, isOwned, tell })
  const results = await Promise.allSettled(kinds.map(start))
  const all = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const stop = async (): Promise<void> => void (await Promise.all(all.map((server) => server.stop())))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  return {
    all,
    get: (kind) => {
      const server = all.find((one) => one.kind === kind)
      if (server === undefined) throw new Error(`${kind} was not started`)
      return server
    },
    env: envOf(all),
    stop,
  }
}

const startNative = async (kind: ServerKind, wish: Omit<Required<ServerWish>, 'kinds'>): Promise<Server> => {
  const { folder, settings, tell } = wish
  const server = await NativeServer.make(kind, folder, settings, tell)
  if (wish.isOwned) ownServer(server.name, server.folder)
  try {
    await server.restart()
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}

/** Stops servers whose process was killed before it could. */
export const stopOrphans = async (): Promise<void> => {
  for (const folder of orphanedServers()) {
    const server = NativeServer.of(folder)
    if (server !== undefined) await server.stop()
    else disownServer(basename(folder))
  }
}

export const envOf = (servers: readonly Server[]): Readonly<Record<string, string>> =>
  Object.assign({}, ...servers.map(({ env }) => env))
