/**
 * The published paths of a collection as a tree of properties: what its schema in another language is written from.
 *
 * Says which properties every event has, by counts alone: outside of lists an event shows a path with one type, so what
 * was seen as a value and what was seen as an object never overlap.
 */
import { type TypeName, typeNames } from '../../topology/model/event.ts'
import { formatPath } from '../../topology/model/path.ts'
import type { CollectionSchema, SchemaProperty } from './read-schema-state.ts'
import { anyName, listLevels, plainName, schemaSegments, writtenName } from './schema-path.ts'

export interface PropertyNode {
  /** Types of the values that are no objects, in the order of `typeNames`; none where only objects were seen. */
  readonly types: readonly TypeName[]
  /** Properties of the objects here, by name in code unit order. */
  readonly members: readonly PropertyMember[]
  /** What has any other name, where names are data. */
  readonly others: PropertyNode | undefined
  /** Whether objects were seen here. */
  readonly isObject: boolean
  /** The objects and lists in the lists here. */
  readonly elements: PropertyNode | undefined
}

export interface PropertyMember {
  readonly name: string
  /** Whether every object here has it. */
  readonly isRequired: boolean
  readonly node: PropertyNode
}

interface Draft {
  property: SchemaProperty | undefined
  readonly members: Map<string, Draft>
  others: Draft | undefined
  elements: Draft | undefined
}

const startDraft = (): Draft => ({ property: undefined, members: new Map(), others: undefined, elements: undefined })

export const propertyTree = (schema: CollectionSchema): PropertyNode => {
  const root = startDraft()
  for (const [path, property] of Object.entries(schema.properties)) draftAt(root, path).property = property
  const maps = new Set(schema.collapsed.map(({ path }) => path))
  return finished(root, { path: '', maps, events: schema.events, isRepeatable: false })
}

const draftAt = (root: Draft, path: string): Draft => {
  let draft = root
  for (const segment of schemaSegments(path)) {
    draft = memberOf(draft, plainName(writtenName(segment)))
    for (let level = listLevels(segment); level > 0; level -= 1) {
      draft.elements ??= startDraft()
      draft = draft.elements
    }
  }
  return draft
}

const memberOf = (draft: Draft, name: string | undefined): Draft => {
  if (name === undefined) {
    draft.others ??= startDraft()
    return draft.others
  }
  let member = draft.members.get(name)
  if (member === undefined) {
    member = startDraft()
    draft.members.set(name, member)
  }
  return member
}

interface Place {
  readonly path: string
  /** Paths of objects whose names are data. */
  readonly maps: ReadonlySet<string>
  /** Events that can have the path at most. */
  readonly events: number
  /** Whether one event can show the path several times: then counts say nothing about presence. */
  readonly isRepeatable: boolean
}

const finished = (draft: Draft, place: Place): PropertyNode => {
  const { property, others, elements } = draft
  const below = (name: string): string => (place.path === '' ? name : `${place.path}.${name}`)
  // What shows a value here has no object here.
  const objects = place.events - (property?.count ?? 0)
  return {
    types: typeNames.filter((type) => property?.types[type] !== undefined),
    members: [...draft.members]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, member]) => ({
        name,
        isRequired: !place.isRepeatable && seenIn(member) >= objects,
        node: finished(member, { ...place, path: below(formatPath([name])), events: objects }),
      })),
    // Elsewhere a star stands for names that are too long or too deep; what is below them leaves no path.
    others:
      others === undefined || !place.maps.has(place.path)
        ? undefined
        : finished(others, { ...place, path: below(anyName), isRepeatable: true }),
    isObject: draft.members.size > 0 || others !== undefined,
    elements:
      elements === undefined
        ? undefined
        : finished(elements, { ...place, path: `${place.path}[]`, isRepeatable: true }),
  }
}

/** Events that show a property at least. */
const seenIn = ({ property, members }: Draft): number => {
  let most = 0
  for (const member of members.values()) most = Math.max(most, seenIn(member))
  return (property?.count ?? 0) + most
}
