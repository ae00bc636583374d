"""How the window looks: colours, type, palette and stylesheet. Nothing outside this folder names a colour."""
