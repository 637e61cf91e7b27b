/**
 * `topology init`: a small project that runs at once. It only adds files: where one of them is there already, nothing
 * is written at all. With a flag for each it also makes topic, keyspace and bucket on the servers that the URLs name;
 * without a flag nothing is ever made there.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { readConfiguration } from './configuration.ts'
import { type ProjectFile, projectFiles } from './init-files.ts'
import { type MadeOnServer, planServers, type ServerPlan, serverFlags } from './init-servers.ts'
import { type InitSettings, initSettings, settingsFile } from './init-settings.ts'
import { printJson } from './print-json.ts'
import { type UsageProblem, UsageProblems } from './usage-problems.ts'

export const init: CommandDefinition = {
  name: 'init',
  doc: 'Makes a small project that runs at once: a topology, sample events, a test. A package.json, README.md or .gitignore that is there is kept; where another file is in the way, nothing is written. --topic, --keyspace and --bucket make what the URLs name on the servers, where it is missing; they can be repeated, and without a DIR they make no project.',
  arguments: [{ name: 'DIR', doc: 'folder of the project (default: the current one)', isRequired: false }],
  options: [
    { flags: '--topic', doc: 'makes the topic of --log kafka://host:9092/topic' },
    { flags: '--keyspace', doc: 'makes the keyspace of --rows cassandra://host:9042/keyspace' },
    { flags: '--bucket', doc: 'makes the bucket of --objects s3://bucket/prefix' },
    { flags: '--partitions <N>', doc: 'with --topic: how many (default 6); more can be added, none taken away' },
    {
      flags: '--replication <N>',
      doc: 'copies of topic and keyspace (default: of a topic 3 or as many as there are brokers, of a keyspace 1)',
    },
    { flags: '--save', doc: 'writes the URLs into spillway.yaml; a project made with URLs has it anyway' },
  ],
  common: ['log', 'rows', 'objects', 'json'],
  examples: [
    'topology init shop',
    'topology init',
    'topology init --topic --partitions 12 --log kafka://localhost:9092/shop',
    'topology init shop --topic --keyspace --bucket --log kafka://localhost:9092/shop --rows cassandra://localhost:9042/shop --objects s3://shop-archive/events',
  ],
  run: async (io, input) => {
    const folder = resolve(io.folder, input.operands[0] ?? '.')
    const configuration = await readConfiguration(io, input, join(folder, 'topology.ts'))
    const servers = planServers(input, configuration)
    const settings = initSettings(folder, configuration, input.flag('save'))
    input.check()
    const hasFlags = serverFlags.some((flag) => input.flag(flag)) || input.flag('save')
    const isProject = input.operands[0] !== undefined || !hasFlags
    return initialise(io, input, { folder, servers, settings, isProject, isKept: hasFlags })
  },
}

interface Asked {
  readonly folder: string
  readonly servers: ServerPlan
  readonly settings: InitSettings
  readonly isProject: boolean
  /** A project that is there already is no problem: the command may be repeated for the servers. */
  readonly isKept: boolean
}

/** Servers first: what they refuse leaves no files behind. */
const initialise = async (io: CommandIo, input: CommandInput, asked: Asked): Promise<ExitCode> => {
  const { folder, isProject, settings } = asked
  const manifest = await readManifest(join(folder, 'package.json'))
  const ending = manifest === undefined || manifest.isModule ? 'ts' : 'mts'
  const files = newFiles(asked, ending, input.flag('save'))
  if (settings.isOther && input.flag('save'))
    throw new UsageProblems([{ at: settings.path, text: 'is there already and names other resources' }])
  if (settings.resources !== undefined && existsSync(settings.path)) io.talk(`${settings.path} is there already\n`)
  if (isProject && !files.some(({ path }) => path.startsWith('topology.'))) io.talk('a project is there already\n')
  const made: MadeOnServer[] = []
  for await (const one of asked.servers.make(io)) {
    made.push(one)
    io.talk(`${one.text}\n`)
  }
  for (const { path, text } of files) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text, { flag: 'wx' })
  }
  const next = isProject ? nextCommands(io.folder, folder, ending) : []
  if (input.flag('json')) {
    const servers = made.map(({ kind, name, state }) => ({ kind, name, state }))
    await printJson(io, input, { folder, files: files.map(({ path }) => path), servers, next: [...next] })
  } else await io.print(next.map((line) => `${line}\n`).join(''))
  if (files.length > 0) io.talk(`made ${files.map(({ path }) => path).join(', ')}\n`)
  return 0
}

const newFiles = (asked: Asked, ending: 'ts' | 'mts', isSaved: boolean): readonly ProjectFile[] => {
  const { folder, isProject, isKept, settings } = asked
  const isThere = ({ path }: ProjectFile): boolean => existsSync(join(folder, path))
  const project = isProject ? projectFiles(ending, settings.resources) : []
  const fresh = project.filter((file) => !keptFiles.has(file.path) || !isThere(file))
  if (!isKept) refuseOverwriting(folder, fresh)
  // A topology that is there is somebody's own: nothing is put beside it.
  const isOwn = fresh.some(isThere)
  const isSettled = settings.resources !== undefined && (isProject || isSaved) && !existsSync(settings.path)
  return [...(isOwn ? [] : fresh), ...(isSettled ? [settingsFile(settings.resources)] : [])]
}

/** Files that a folder may have already and that are no part of the topology. */
const keptFiles: ReadonlySet<string> = new Set(['package.json', 'README.md', '.gitignore'])

const readManifest = async (path: string): Promise<{ readonly isModule: boolean } | undefined> => {
  if (!existsSync(path)) return undefined
  try {
    const json: JsonValue = JSON.parse(await readFile(path, 'utf8'))
    return { isModule: isJsonObject(json) && json['type'] === 'module' }
  } catch {
    throw new UsageProblems([{ at: path, text: 'is no JSON' }])
  }
}

const refuseOverwriting = (folder: string, files: readonly { readonly path: string }[]): void => {
  const problems: UsageProblem[] = files
    .filter(({ path }) => existsSync(join(folder, path)))
    .map(({ path }) => ({ at: join(folder, path), text: 'is there already; nothing was written' }))
  if (problems.length > 0) throw new UsageProblems(problems)
}

const nextCommands = (from: string, folder: string, ending: string): readonly string[] => {
  const place = relative(from, folder)
  const isInstalled = isResolvable(folder)
  return [
    ...(place === '' ? [] : [`cd ${/^[\w./-]+$/.test(place) ? place : JSON.stringify(place)}`]),
    ...(isInstalled ? [] : ['npm install']),
    'npx topology ingest sample/purchases.ndjson --collection purchases --project shop',
    `npx topology run topology.${ending} --until-caught-up`,
    'npx topology query revenue_by_country --group-by country',
    'npx topology schema purchases',
    `node --test`,
  ]
}

/** Whether a file in the folder could import Spillway as it is. */
const isResolvable = (folder: string): boolean => {
  try {
    createRequire(pathToFileURL(join(folder, 'x.js'))).resolve('spillway/package.json')
    return true
  } catch {
    return false
  }
}
