/** `npm run docs`: writes the generated pages. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../source-tree.ts'
import { generatedPages } from './generated-pages.ts'

mkdirSync(join(root, 'docs'), { recursive: true })
for (const [path, text] of Object.entries(await generatedPages())) writeFileSync(join(root, path), text)
