/**
 * Names that Avro allows, made of the names that events have: letters, digits and `_`. Other characters become `_`, and
 * names that meet get a number; whoever writes a schema puts the name in the events beside it as `property`.
 */

// Names of records are made of the way to them, which can be long.
const nameMax = 200

/** Gives out each name once. */
export class AvroNames {
  readonly #taken = new Set<string>()

  take(wanted: string): string {
    const valid = wanted
      .slice(0, nameMax)
      .replace(/[^A-Za-z0-9_]/g, '_')
      .replace(/^(?![A-Za-z_])/, '_')
    let name = valid
    for (let number = 2; this.#taken.has(name); number += 1) name = `${valid}_${number}`
    this.#taken.add(name)
    return name
  }
}
