// Tests that need more than this repository holds; tests/cards/test_dev_server.py prepares it and runs them.
import { defineConfig } from 'vitest/config';
import usual from './vitest.config';

export default defineConfig({ test: { ...usual.test, include: ['tests/long/*.test.ts'] } });
