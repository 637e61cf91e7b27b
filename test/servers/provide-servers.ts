/**
 * Gives a test run the servers that its files ask for: those of the environment, else the shared ones that answer, else
 * new ones that end with the run. Where one cannot be had, its suites are left out with one line; with `CI` set,
 * test/servers/server-answers.test.ts fails then.
 */
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { importsOf } from '../tidy/imports-of.ts'
import { isTest, readText, root, sourceFile } from '../tidy/source-tree.ts'
import type { Server, ServerKind } from './server-kinds.ts'
import { serverKinds } from './server-kinds.ts'
import { serverOf } from './server-of.ts'
import { sharedServers } from './shared-servers.ts'
import { envOf, serverWay, startServers } from './start-servers.ts'

const tell = (line: string): void => void process.stderr.write(`servers: ${line}\n`)

/** Called by the test runner before it starts its workers; what it gives is called at the end. */
export const setup = async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const missing = serverKinds.filter((kind) => serverOf(kind) === undefined)
  if (!asksForServers(project.vitest.state.getPaths())) return
  if (process.env['SPILLWAY_SERVERS'] === 'off') return void tell('left out (SPILLWAY_SERVERS=off)')
  if (missing.length === 0) return void tell('those of the environment')
  const shared = await answering(missing)
  Object.assign(process.env, envOf(shared))
  const kinds = missing.filter((kind) => !shared.some((server) => server.kind === kind))
  if (kinds.length === 0) return void tell('the shared ones of this machine (npm run servers)')
  return startForRun(kinds)
}

const answering = async (kinds: readonly ServerKind[]): Promise<readonly Server[]> =>
  (await sharedServers()).flatMap(({ kind, server, answers }) =>
    answers && server !== undefined && kinds.includes(kind) ? [server] : [],
  )

/** Each by itself: where one is missing, the suites of the others run. */
const startForRun = async (kinds: readonly ServerKind[]): Promise<() => Promise<void>> => {
  const results = await Promise.allSettled(kinds.map((kind) => startServers({ kinds: [kind], tell })))
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  for (const { env } of started) Object.assign(process.env, env)
  const isStarted = (_: ServerKind, index: number): boolean => results[index]?.status === 'fulfilled'
  const missing = kinds.filter((kind, index) => !isStarted(kind, index))
  const way = serverWay(missing)
  const reasons =
    'missing' in way
      ? [way.missing]
      : results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason?.message)] : []))
  tell(
    [
      ...(missing.length < kinds.length ? [`${kinds.filter(isStarted).join(', ')} started for this run`] : []),
      ...(missing.length > 0
        ? [`tests with ${missing.join(', ')} are left out: ${[...new Set(reasons)].join('; ')}`]
        : []),
    ].join('; '),
  )
  return async () => void (await Promise.all(started.map((servers) => servers.stop())))
}

const serversFile = 'test/servers/server-of.ts'

/** Whether one of the files imports the file that names the servers, directly or over others of the tests. */
const asksForServers = (paths: readonly string[]): boolean => {
  const seen = new Set<string>()
  const asks = (path: string): boolean => {
    if (path === serversFile) return true
    if (seen.has(path) || !isTest(path)) return false
    seen.add(path)
    return importsOf(sourceFile(path, readText(path))).some(({ target }) => target !== undefined && asks(target))
  }
  return paths.some((path) => asks(path.replaceAll('\\', '/').slice(join(root).length)))
}
