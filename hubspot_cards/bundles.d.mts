import type { InlineConfig } from 'vite';

export declare const BUNDLES: Readonly<Record<'proposal-card' | 'settings', string>>;
export declare function bundleConfig(name: keyof typeof BUNDLES): InlineConfig;
