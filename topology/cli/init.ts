/**
 * `topology init`: a small project that runs at once. It only adds files: where one of them is there already, nothing
 * is written at all.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import type { CommandDefinition } from './command.ts'
import { projectFiles } from './init-files.ts'
import { printJson } from './print-json.ts'
import { type UsageProblem, UsageProblems } from './usage-problems.ts'

export const init: CommandDefinition = {
  name: 'init',
  doc: 'Makes a small project that runs at once: a topology, sample events, a test. A package.json, README.md or .gitignore that is there is kept; where another file is in the way, nothing is written.',
  arguments: [{ name: 'DIR', doc: 'folder of the project (default: the current one)', isRequired: false }],
  options: [],
  common: ['json'],
  examples: ['topology init shop', 'topology init'],
  run: async (io, input) => {
    input.check()
    const folder = resolve(io.folder, input.operands[0] ?? '.')
    const manifest = await readManifest(join(folder, 'package.json'))
    const ending = manifest === undefined || manifest.isModule ? 'ts' : 'mts'
    const files = projectFiles(ending).filter(({ path }) => !keptFiles.has(path) || !existsSync(join(folder, path)))
    refuseOverwriting(folder, files)
    for (const { path, text } of files) {
      await mkdir(join(folder, path, '..'), { recursive: true })
      await writeFile(join(folder, path), text, { flag: 'wx' })
    }
    const next = nextCommands(io.folder, folder, ending)
    if (input.flag('json'))
      await printJson(io, input, { folder, files: files.map(({ path }) => path), next: [...next] })
    else await io.print(next.map((line) => `${line}\n`).join(''))
    io.talk(`made ${files.map(({ path }) => path).join(', ')}\n`)
    return 0
  },
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
