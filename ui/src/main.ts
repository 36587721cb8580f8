import './tokens/index.css';
import { host } from '$host';
import { mount } from 'svelte';
import { Client } from './api/client';
import App from './frame/App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the window');

mount(App, { target, props: { client: new Client(host) } });
