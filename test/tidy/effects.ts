/**
 * Effects that only shells and clients may have, as data: what is banned, and each place that is allowed it with the
 * reason. Everything else gets clock, random numbers, files and the network handed in, so that tests decide them.
 */
import { importsOf } from './imports-of.ts'
import { isTest, placesOf, type SourceFile, type Violation } from './source-tree.ts'

interface Effect {
  readonly name: string
  /** Calls, found in the code without its strings. */
  readonly calls?: RegExp
  /** Modules of Node that have the effect. */
  readonly modules?: readonly string[]
  /** Path or folder (with a `/` at its end) to the reason. */
  readonly allowed: Readonly<Record<string, string>>
}

const effects: readonly Effect[] = [
  {
    name: 'the wall clock',
    calls: /\bDate\.now\b|\bnew Date(?:\(\)|(?![\w(]))|\bperformance\.|\bhrtime\b/g,
    allowed: {
      'topology/engine/shell/system-clock.ts': 'the one Clock that reads it',
      'topology/process-measures.ts': 'the stopwatch of what a process measures of itself',
      'examples/': 'programs',
    },
  },
  {
    name: 'a random number',
    calls: /\bMath\.random\b|\b(?:randomUUID|randomBytes|randomInt|getRandomValues)\s*\(/g,
    allowed: {
      'topology/engine/shell/system-clock.ts': 'the one Random that draws it',
      'topology/spouts/file/log-identity.ts': 'a log made anew must differ from every other, also across machines',
      'topology/spouts/memory/memory-log.ts': 'the same, for a log that is given no id',
      'sinks/objects/folder/folder-files.ts': 'the token of a writer must differ from those of other processes',
      'examples/simulated-mistakes/random-topology.ts': 'is the mistake that it shows',
    },
  },
  {
    name: 'a timer',
    calls: /(?<![.\w])set(?:Timeout|Interval|Immediate)\s*\(/g,
    modules: ['node:timers', 'node:timers/promises'],
    allowed: {
      'topology/engine/shell/system-clock.ts': 'the one Clock that sleeps',
      'topology/run-parts.ts': 'gives way to other work between batches',
      'topology/stream-rollup.ts': 'gives way to other work between chunks',
      'topology/spouts/file/write-lock.ts': 'what it waits for is another process, which no clock of ours moves',
      'topology/testing/drive.ts': 'virtual time moves only when real work in flight has ended',
      'topology/testing/simulation/stage/schedule.ts':
        'what lies between two gates runs to its end before the next one opens',
      'topology/testing/simulation/watch/watch.ts': 'a part of a user that never comes back is seen by real time alone',
      'examples/evening/fill-log.ts': 'a program that sends so many events a second',
    },
  },
  {
    name: 'the network',
    calls: /(?:(?<=[=(,?:>][^\S\n]*)|(?<=\b(?:await|return|void)\s+)|globalThis\.)fetch\s*\(/g,
    modules: ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dns', 'node:dgram'],
    allowed: {
      'topology/spouts/decode/avro/schema-registry.ts': 'the one client of a schema registry',
      'topology/observe/alerts/webhook-channel.ts': 'the one client of webhooks and heartbeats',
      'topology/observe/http/serve-http.ts': 'the one server of page, metrics and health',
    },
  },
  {
    name: 'the process',
    calls: /(?<![.#\w'-])process\s*(?:\.|\[)/g,
    modules: ['node:process', 'node:child_process', 'node:worker_threads', 'node:cluster'],
    allowed: {
      'topology/cli/bin.ts': 'the program itself',
      'topology/process-measures.ts': 'its memory is asked of the process',
      'topology/cli/main.ts': 'sets the exit code',
      'topology/cli/process-io.ts': 'the one adapter of streams, signals and environment',
      'topology/start-run.ts': 'the spill folder is named by the process that owns it',
      'topology/disk-spaces.ts': 'asks what memory the process was given',
      'topology/resource-environment.ts': 'the one place that reads secrets; commands hand their environment in',
      'topology/stream-rollup.ts': 'answers are made in a thread that can be ended',
      'topology/answer-worker.ts': 'is that thread',
      'topology/fork-worker.ts': 'starts the processes that run user code',
      'topology/lane-worker.ts': 'is that process',
      'topology/run-lane-worker.ts': 'is what that process does',
      'topology/observe/alerts/command-channel.ts': 'an alert may go through a program of the user',
      'sinks/objects/folder/folder-files.ts': 'a writer is named by its process, and asked whether it lives',
      'examples/': 'programs',
    },
  },
  {
    name: 'files',
    modules: ['node:fs', 'node:fs/promises', 'node:os', 'node:sqlite'],
    allowed: {
      'topology/cli/': 'commands read what a person names',
      'topology/resources.ts': 'makes the folders that a URL names',
      'topology/served-resources.ts': 'reads the certificate that KAFKA_TLS_CA names',
      'topology/start-run.ts': 'makes the spill folder and removes it',
      'topology/disk-spaces.ts': 'asks file systems for their room',
      'topology/run-lane-worker.ts': 'removes what an earlier life has spilled',
      'topology/testing/simulation/watch/watch-files.ts': 'notices and compares what the sink of a user writes',
      'topology/testing/with-temporary-folder.ts': 'a process that dies in a test removes nothing',
      'topology/spouts/decode/avro/schema-folder.ts': 'reads the schemas of a spout once',
      'topology/spouts/file/disk.ts': 'the client of the embedded log',
      'topology/spouts/file/write-lock.ts': 'the lock of the embedded log is a database',
      'sinks/objects/spill-file.ts': 'the client of spilled lines',
      'sinks/objects/folder/folder-files.ts': 'the client of the object folder',
      'sinks/rows/sqlite/': 'the client of the embedded rows',
      'examples/': 'programs',
    },
  },
]

const isAllowed = (effect: Effect, path: string): boolean =>
  Object.keys(effect.allowed).some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place))

export const effectViolations = (tree: readonly SourceFile[]): readonly Violation[] =>
  tree.filter(({ path }) => !isTest(path)).flatMap((file) => effects.flatMap((effect) => placesIn(file, effect)))

const placesIn = (file: SourceFile, effect: Effect): readonly Violation[] => {
  if (isAllowed(effect, file.path)) return []
  const rule = `${effect.name} is not read here; take it from the caller`
  const calls = effect.calls === undefined ? [] : placesOf(file, effect.calls, () => rule)
  const modules = importsOf(file).filter(
    ({ specifier, isTypeOnly }) => !isTypeOnly && effect.modules?.includes(specifier) === true,
  )
  return [
    ...calls,
    ...modules.map(({ line, specifier }) => ({ path: file.path, line, rule: `${rule} (${specifier})` })),
  ]
}

/** Files that need their allowance no more. */
export const idleAllowances = (tree: readonly SourceFile[]): readonly string[] =>
  effects.flatMap((effect) => {
    const users = tree.filter((file) => placesIn(file, { ...effect, allowed: {} }).length > 0)
    return Object.keys(effect.allowed)
      .filter((place) => !place.endsWith('/') && !users.some(({ path }) => path === place))
      .map((place) => `${place}: does not read ${effect.name} any more; take it off the list`)
  })
