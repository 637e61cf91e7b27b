import { defineConfig } from 'vitest/config'

if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    `The tests need Node.js 24; this is ${process.version}. Run them by \`npm test\` after a plain \`npm ci\`.`,
  )
}

export default defineConfig({
  ssr: {
    resolve: {
      conditions: ['spillway-source', 'node', 'development|production'],
      externalConditions: ['spillway-source', 'node', 'module-sync'],
    },
  },
  test: {
    globalSetup: ['test/temporary-folder.ts', 'test/servers/provide-servers.ts'],
    include: ['test/**/*.test.ts'],
    // kafkajs plans a check of its queue in the past, which Node 24 calls a warning.
    execArgv: ['--conditions=spillway-source', '--disable-warning=TimeoutNegativeWarning'],
    testTimeout: 30_000,
    maxWorkers: 2,
  },
})
