import type { LampKind, Product } from './catalogue.ts'
import { type Html, html } from './html.ts'

/** Each kind of lamp as a drawing of 160 by 160; the light's class lets the dark theme glow. */
const SHAPES: Record<LampKind, (colour: string) => Html> = {
  table: (colour) => html`
    <circle class="glow" cx="80" cy="64" r="62" />
    <path class="stem" d="M80 84v44" /><path class="foot" d="M58 132h44" />
    <path fill="${colour}" d="M60 36h40l20 50H40z" /><path class="shine" d="M64 40h12l-8 42H48z" />`,
  desk: (colour) => html`
    <circle class="glow" cx="106" cy="82" r="50" />
    <path class="stem" d="M56 130 42 84l44-38" /><path class="foot" d="M36 132h42" />
    <path fill="${colour}" d="m78 40 18-14 34 38-44 14z" /><circle class="joint" cx="42" cy="84" r="5" />`,
  floor: (colour) => html`
    <circle class="glow" cx="80" cy="46" r="42" />
    <path class="stem" d="M80 52v84" /><path class="foot" d="M60 138h40" />
    <path fill="${colour}" d="M66 18h28l14 36H52z" /><path class="shine" d="M70 22h8l-6 28H60z" />`,
  pendant: (colour) => html`
    <circle class="glow" cx="80" cy="92" r="58" />
    <path class="stem" d="M80 0v58" />
    <path fill="${colour}" d="M80 52c30 0 46 22 46 48H34c0-26 16-48 46-48z" />
    <ellipse class="bulb" cx="80" cy="101" rx="24" ry="7" />`,
  wall: (colour) => html`
    <circle class="glow" cx="86" cy="70" r="58" />
    <path class="foot" d="M40 50v56" /><path class="stem" d="M40 84h46V72" />
    <path fill="${colour}" d="M70 32h32l14 42H56z" /><path class="shine" d="M74 36h10l-6 34H62z" />`,
  lantern: (colour) => html`
    <circle class="glow" cx="80" cy="86" r="60" />
    <path class="stem" d="M58 46c0-32 44-32 44 0" fill="none" />
    <path fill="${colour}" d="M52 46h56v12H52zM50 122h60v12H50z" />
    <path class="glass" d="M56 58h48v64H56z" /><ellipse class="bulb" cx="80" cy="92" rx="11" ry="20" />`,
}

/** Decoration only: the product's name stands beside it. */
export const drawLamp = ({ kind, colour }: Pick<Product, 'kind' | 'colour'>): Html => html`
  <svg class="lamp" viewBox="0 0 160 150" aria-hidden="true">${SHAPES[kind](colour)}</svg>`
