import { defineConfig } from 'vitest/config';

export default defineConfig({
  esbuild: { jsx: 'transform' },
  test: { include: ['tests/**/*.test.{ts,tsx}'], environment: 'node' },
});
