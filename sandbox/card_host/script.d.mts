import type { InlineConfig } from 'vite';

export function here(path: string): string;
export function scriptConfig(name: 'host' | 'worker'): InlineConfig;
