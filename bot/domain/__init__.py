"""Pure rules: plain frozen values in, plain values out."""
