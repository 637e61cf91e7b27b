/**
 * What the key and headers say of a record, before a byte of its value is read: project, collection, kind, time.
 *
 * Records of a batch mostly share their headers and key (the same array, the same string: model/record.ts), so the answer
 * for the record before is asked for first.
 */
import { errors } from '../../model/errors.ts'
import { collectionNameProblem, projectNameProblem } from '../../model/names.ts'
import { type Path, parsePath } from '../../model/path.ts'
import { type Headers, headerOf, type LogRecord } from '../../model/record.ts'
import { namedKind, type RecordKind } from '../../model/record-kind.ts'
import type { SpillwayError } from '../../model/spillway-error.ts'
import type { LogOptions, Source } from '../../model/topology.ts'

export interface RecordNames {
  /** `undefined`: a property of the body. */
  readonly project: string | undefined
  /** `undefined`: a property of the body. */
  readonly collection: string | undefined
  /** What is wrong with them. */
  readonly problem: SpillwayError | undefined
  /** Of a record with a value. `undefined`: the header names none that is known. */
  readonly kind: RecordKind | undefined
  /** Value of header `spillway-time`. */
  readonly timeText: string | undefined
  /** Value of header `spillway-id`. */
  readonly clientId: string | undefined
}

// Distinct names whose verdict is kept. Beyond it all are forgotten: a name is checked again.
const verdictsMax = 10_000
const timeHeader = 'spillway-time'
const clientIdHeader = 'spillway-id'
const defaultProject = 'default'

export class NameRecord {
  /** Where the body says the project or collection. */
  readonly projectPath: Path | undefined
  readonly collectionPath: Path | undefined
  readonly #project: Source | undefined
  readonly #collection: Source | undefined
  readonly #topic: string
  readonly #verdicts = new Map<string, SpillwayError | undefined>()
  #headers: Headers = []
  #key: string | null = null
  #names: RecordNames | undefined

  constructor(spout: LogOptions, topic: string) {
    this.#project = spout.project ?? spout.tenant
    this.#collection = spout.collection
    this.#topic = topic
    this.projectPath = pathOf(this.#project)
    this.collectionPath = pathOf(this.#collection)
  }

  of(record: LogRecord): RecordNames {
    const { headers, key } = record
    if (this.#names !== undefined && headers === this.#headers && key === this.#key) return this.#names
    const project = this.#projectOf(headers, key)
    const collection = this.#collectionOf(headers, key)
    const names = {
      project,
      collection,
      problem:
        (project === undefined ? undefined : this.projectProblem(project)) ??
        (collection === undefined ? undefined : this.collectionProblem(collection)),
      kind: namedKind(headers),
      timeText: headerOf(headers, timeHeader),
      clientId: headerOf(headers, clientIdHeader),
    }
    this.#headers = headers
    this.#key = key
    this.#names = names
    return names
  }

  /** The project that a value of the body names; `undefined` when it cannot be a name. Absent and null: the default. */
  projectOfValue(value: unknown): string | undefined {
    return value === undefined || value === null ? defaultProject : nameOf(value)
  }

  /** Likewise for the collection, with the topic as default. */
  collectionOfValue(value: unknown): string | undefined {
    return value === undefined || value === null ? this.#topic : nameOf(value)
  }

  projectProblem(project: string): SpillwayError | undefined {
    return this.#verdict(`p${project}`, () => {
      const reason = projectNameProblem(project)
      return reason === undefined ? undefined : errors.invalidProjectName({ project, reason })
    })
  }

  collectionProblem(collection: string): SpillwayError | undefined {
    return this.#verdict(`c${collection}`, () => {
      const reason = collectionNameProblem(collection)
      return reason === undefined ? undefined : errors.invalidCollectionName({ collection, reason })
    })
  }

  #verdict(name: string, judge: () => SpillwayError | undefined): SpillwayError | undefined {
    if (this.#verdicts.has(name)) return this.#verdicts.get(name)
    if (this.#verdicts.size >= verdictsMax) this.#verdicts.clear()
    const verdict = judge()
    this.#verdicts.set(name, verdict)
    return verdict
  }

  #projectOf(headers: Headers, key: string | null): string | undefined {
    if (this.#project === undefined) return headerOf(headers, 'project') ?? key ?? defaultProject
    return this.projectPath === undefined ? (sourceText(this.#project, headers, key) ?? defaultProject) : undefined
  }

  #collectionOf(headers: Headers, key: string | null): string | undefined {
    if (this.#collection === undefined) return headerOf(headers, 'collection') ?? this.#topic
    return this.collectionPath === undefined ? (sourceText(this.#collection, headers, key) ?? this.#topic) : undefined
  }
}

const pathOf = (source: Source | undefined): Path | undefined => {
  if (source === undefined || typeof source === 'string' || !('path' in source)) return undefined
  const path = parsePath(source.path)
  if (path === undefined) throw errors.badConfiguration({ problem: `${JSON.stringify(source.path)} is not a path` })
  return path
}

const sourceText = (source: Source, headers: Headers, key: string | null): string | undefined => {
  if (typeof source === 'string') return source
  if ('header' in source) return headerOf(headers, source.header)
  return key ?? undefined
}

/** Ids are numbers often enough. */
const nameOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
