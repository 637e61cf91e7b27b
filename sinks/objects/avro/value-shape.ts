/**
 * What the values of a place in the events of one object are: the schema that is inferred from exactly those events
 * (DOMAIN section 9), by the rules of the schema of a collection: numbers are doubles, objects records, and objects that
 * show too many names maps.
 *
 * A function of the events and their order, which follow from the declaration (I-7). Bounded in names, places and depth,
 * whatever the events hold (I-6): what is beyond is kept as JSON text.
 */
import { isJsonObject, type JsonValue } from '../../../topology/model/json.ts'

/** More names of one object than this are data. The knob of the published schema begins here; bytes may not follow a knob. */
const namesMax = 200
// DOMAIN section 2.
const nameLengthMax = 255
const levelsMax = 64
// Of one schema: a few megabytes of memory, and of text in the worst case.
const placesMax = 10_000

// DOMAIN section 1 knows seven; a bolt may add some.
const keenNamesMax = 16

export interface Member {
  /** Objects that have it. */
  seen: number
  readonly shape: ValueShape
}

export class ValueShape {
  isNull = false
  isString = false
  isNum = false
  isBool = false
  /** What Avro cannot hold. */
  isJson = false
  /** What the lists here hold. */
  elements: ValueShape | undefined
  objects = 0
  /** Of the objects here; none where names are data. */
  members: Map<string, Member> | undefined
  /** What objects have by any name, where names are data. */
  others: ValueShape | undefined
}

/** Whether Avro can hold an object as such: its strings are Unicode, its readers are not endless. */
export const isHeldAsObject = (value: object, level: number): boolean =>
  level < levelsMax && (Array.isArray(value) || Object.keys(value).every((name) => name.isWellFormed()))

/** The property that every event of an object has; it stays a field whatever else is data. */
export const keenName = 'keen'

export class EventShape {
  readonly root: ValueShape = new ValueShape()
  #places = 1
  #namesMax = namesMax

  /** Takes an event in. */
  add(event: JsonValue): void {
    this.#add(this.root, event, 0)
    while (this.#places > placesMax) this.#narrow()
  }

  #add(shape: ValueShape, value: JsonValue, level: number): void {
    if (value === null) shape.isNull = true
    else if (typeof value === 'number') shape.isNum = true
    else if (typeof value === 'boolean') shape.isBool = true
    else if (typeof value === 'string') {
      if (value.isWellFormed()) shape.isString = true
      else shape.isJson = true
    } else if (!isHeldAsObject(value, level)) shape.isJson = true
    else if (isJsonObject(value)) this.#addObject(shape, value, level)
    else {
      shape.elements ??= this.#place()
      for (const element of value) this.#add(shape.elements, element, level + 1)
    }
  }

  #addObject(shape: ValueShape, value: { readonly [name: string]: JsonValue }, level: number): void {
    shape.objects++
    shape.members ??= new Map()
    for (const name of Object.keys(value)) {
      let member = shape.members.get(name)
      if (member === undefined && shape.others !== undefined && !isKept(shape, this.root, name)) {
        this.#add(shape.others, value[name]!, level + 1)
        continue
      }
      if (member === undefined) {
        member = { seen: 0, shape: this.#place() }
        shape.members.set(name, member)
      }
      member.seen++
      this.#add(member.shape, value[name]!, level + 1)
      if (name.length > nameLengthMax || this.#isWide(shape)) this.#collapse(shape)
    }
  }

  /** The few names that Spillway gives itself are no data. */
  #isWide(shape: ValueShape): boolean {
    const { members } = shape
    if (members === undefined) return false
    const keen = this.root.members?.get(keenName)?.shape
    const kept = shape === this.root && keen !== undefined ? 1 : 0
    return members.size - kept > (shape === keen ? Math.max(this.#namesMax, keenNamesMax) : this.#namesMax)
  }

  #place(): ValueShape {
    this.#places++
    return new ValueShape()
  }

  /** Counts the names of an object as data from here on. */
  #collapse(shape: ValueShape): void {
    const members = shape.members ?? new Map<string, Member>()
    const others = shape.others ?? new ValueShape()
    for (const [name, member] of members) {
      if (isKept(shape, this.root, name)) continue
      members.delete(name)
      this.#merge(others, member.shape)
    }
    shape.others = others
    this.#places = placesOf(this.root)
  }

  #merge(into: ValueShape, from: ValueShape): void {
    into.isNull ||= from.isNull
    into.isString ||= from.isString
    into.isNum ||= from.isNum
    into.isBool ||= from.isBool
    into.isJson ||= from.isJson
    if (from.elements !== undefined) {
      into.elements ??= new ValueShape()
      this.#merge(into.elements, from.elements)
    }
    into.objects += from.objects
    if (from.members !== undefined) into.members ??= new Map()
    for (const [name, { seen, shape }] of from.members ?? []) {
      const known = into.members?.get(name)
      if (known === undefined) into.members?.set(name, { seen, shape })
      else {
        known.seen += seen
        this.#merge(known.shape, shape)
      }
    }
    if (from.others === undefined && into.others === undefined && !this.#isWide(into)) return
    this.#collapse(into)
    if (from.others !== undefined && into.others !== undefined) this.#merge(into.others, from.others)
  }

  /** Halves the names that an object may have, until the schema fits. */
  #narrow(): void {
    this.#namesMax = Math.floor(this.#namesMax / 2)
    const visit = (shape: ValueShape): void => {
      if (this.#isWide(shape)) this.#collapse(shape)
      for (const below of shapesBelow(shape)) visit(below)
    }
    visit(this.root)
    this.#places = placesOf(this.root)
  }
}

const isKept = (shape: ValueShape, root: ValueShape, name: string): boolean => shape === root && name === keenName

const shapesBelow = ({ elements, members, others }: ValueShape): readonly ValueShape[] => [
  ...(elements === undefined ? [] : [elements]),
  ...(others === undefined ? [] : [others]),
  ...[...(members?.values() ?? [])].map(({ shape }) => shape),
]

const placesOf = (shape: ValueShape): number =>
  shapesBelow(shape).reduce((places, below) => places + placesOf(below), 1)
