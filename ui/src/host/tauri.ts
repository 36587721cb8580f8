import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import type { Bell, Host, Unsubscribe } from './host';

/** The native window: one command, one event, and how large it draws. */
export const host: Host = {
  call: (command, payload) => invoke('rpc', { command, payload: payload ?? null }),
  onBell(listener: (bell: Bell) => void): Unsubscribe {
    const attached = listen<Bell>('bell', (event) => listener(event.payload));
    return () => void attached.then((detach) => detach());
  },
  zoom: (factor) => void getCurrentWebview().setZoom(factor),
};
