#!/usr/bin/env node
// No static import and ES2020 syntax only: an old Node must get as far as the one line that says what is missing.
const floor = '24.15'

if (process.versions.node.localeCompare(floor, 'en', { numeric: true }) < 0) {
  process.stderr.write(`topology needs Node.js ${floor} or newer; this is ${process.version} (${process.execPath}).\n`)
  process.exitCode = 1
} else {
  process.setSourceMapsEnabled(true)
  import('./main.ts').then((main) => main.main(process.argv.slice(2)))
}

export {}
