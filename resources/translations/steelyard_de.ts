<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AnswerTurn</name>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>Denken</translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation>Antwort kopieren</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>Neu antworten</translation>
    </message>
    <message>
        <source>Go on from here</source>
        <translation>Ab hier weiter</translation>
    </message>
    <message>
        <source>writing</source>
        <translation>schreibt</translation>
    </message>
    <message>
        <source>cut at the longest answer</source>
        <translation>an der Höchstlänge abgebrochen</translation>
    </message>
    <message>
        <source>the context is full</source>
        <translation>der Kontext ist voll</translation>
    </message>
    <message>
        <source>{0} tokens/s</source>
        <translation>{0} Tokens/s</translation>
    </message>
    <message>
        <source>first token {0}</source>
        <translation>erstes Token nach {0}</translation>
    </message>
    <message>
        <source>{0} tokens</source>
        <translation>{0} Tokens</translation>
    </message>
    <message>
        <source>seed {0}</source>
        <translation>Seed {0}</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>Stopped. What was written is kept on this page.</source>
        <translation>Angehalten. Das Geschriebene bleibt auf dieser Seite stehen.</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
</context>
<context>
    <name>AuditPage</name>
    <message>
        <source>Audit</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Verify now</source>
        <translation>Jetzt prüfen</translation>
    </message>
    <message>
        <source>Not verified since this window opened.</source>
        <translation>Seit dem Öffnen dieses Fensters nicht geprüft.</translation>
    </message>
    <message>
        <source>Verifying reads the whole log and checks every hash.</source>
        <translation>Die Prüfung liest das ganze Protokoll und rechnet jeden Hash nach.</translation>
    </message>
    <message>
        <source>Filter entries</source>
        <translation>Einträge filtern</translation>
    </message>
    <message>
        <source>All outcomes</source>
        <translation>Alle Ausgänge</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Verweigert</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>Ausgang</translation>
    </message>
    <message>
        <source>No witness has seen this log; a cut tail cannot be ruled out by this machine alone.</source>
        <translation>Kein Zeuge hat dieses Protokoll gesehen; ob am Ende etwas fehlt, kann dieser Rechner allein nicht ausschließen.</translation>
    </message>
    <message>
        <source>Entries of the log</source>
        <translation>Einträge des Protokolls</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>Nr.</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Actor</source>
        <translation>Akteur</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>Objekt</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>Begun</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Erledigt</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Noted</source>
        <translation>Vermerkt</translation>
    </message>
    <message>
        <source>Verify the log</source>
        <translation>Protokoll prüfen</translation>
    </message>
    <message>
        <source>The log is whole.</source>
        <translation>Das Protokoll ist vollständig.</translation>
    </message>
    <message>
        <source>{0} entries, checked in {1}. Root {2}</source>
        <translation>{0} Einträge, geprüft in {1}. Wurzel {2}</translation>
    </message>
    <message>
        <source>Not witnessed: these entries are known to this machine only.</source>
        <translation>Ohne Zeugen: Diese Einträge kennt nur dieser Rechner.</translation>
    </message>
    <message>
        <source>The log is damaged at entry {0}.</source>
        <translation>Das Protokoll ist ab Eintrag {0} beschädigt.</translation>
    </message>
    <message>
        <source>Nothing is added to it any more. Keep a copy of the folder as evidence and restore a backup.</source>
        <translation>Es wird nichts mehr angefügt. Bewahren Sie eine Kopie des Ordners als Beweis auf und spielen Sie eine Sicherung zurück.</translation>
    </message>
</context>
<context>
    <name>BackgroundCheck</name>
    <message>
        <source>Check the store in the background</source>
        <translation>Speicher im Hintergrund prüfen</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Refused</source>
        <translation>Verweigert</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
</context>
<context>
    <name>BrowsePage</name>
    <message>
        <source>Browse</source>
        <translation>Katalog</translation>
    </message>
    <message>
        <source>Search models, or paste a reference, an address or a path</source>
        <translation>Modelle suchen oder Referenz, Adresse oder Pfad einfügen</translation>
    </message>
    <message>
        <source>Models that can be had</source>
        <translation>Erhältliche Modelle</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>License</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Fits here</source>
        <translation>Passt hier</translation>
    </message>
    <message>
        <source>Formats</source>
        <translation>Formate</translation>
    </message>
    <message>
        <source>Size, GiB</source>
        <translation>Größe, GiB</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation>Downloads</translation>
    </message>
    <message>
        <source>Learned</source>
        <translation>Stand</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>Reihenfolge</translation>
    </message>
    <message>
        <source>best match</source>
        <translation>beste Treffer</translation>
    </message>
    <message>
        <source>downloads</source>
        <translation>Downloads</translation>
    </message>
    <message>
        <source>learned last</source>
        <translation>neueste zuerst</translation>
    </message>
    <message>
        <source>smallest first</source>
        <translation>kleinste zuerst</translation>
    </message>
    <message>
        <source>name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>No source has told anything yet. Refresh asks the sources; a file or a folder can be dropped on the window at any time.</source>
        <translation>Noch keine Quelle hat etwas gemeldet. Auffrischen fragt die Quellen; eine Datei oder ein Ordner lässt sich jederzeit auf das Fenster ziehen.</translation>
    </message>
    <message>
        <source>Fits: by the catalog&apos;s own estimate, against the memory that is free now.</source>
        <translation>Passt: nach Schätzung des Katalogs, gemessen am jetzt freien Speicher.</translation>
    </message>
    <message>
        <source>What is downloaded is hashed while it arrives.</source>
        <translation>Was heruntergeladen wird, geht beim Eintreffen in eine Prüfsumme ein.</translation>
    </message>
    <message>
        <source>Ask the sources for it</source>
        <translation>Quellen danach fragen</translation>
    </message>
    <message>
        <source>Nothing has all of this</source>
        <translation>Nichts hat all das</translation>
    </message>
    <message>
        <source>Take a filter away, or use fewer letters.</source>
        <translation>Nehmen Sie einen Filter weg oder geben Sie weniger Buchstaben ein.</translation>
    </message>
    <message>
        <source>1 model</source>
        <translation>1 Modell</translation>
    </message>
    <message>
        <source>{0} models</source>
        <translation>{0} Modelle</translation>
    </message>
    <message>
        <source>Ask the sources</source>
        <translation>Quellen fragen</translation>
    </message>
    <message>
        <source>{0} new, {1} changed, {2} gone.</source>
        <translation>{0} neu, {1} geändert, {2} weggefallen.</translation>
    </message>
    <message>
        <source>Not every source answered.</source>
        <translation>Nicht jede Quelle hat geantwortet.</translation>
    </message>
    <message>
        <source>The sources have answered.</source>
        <translation>Die Quellen haben geantwortet.</translation>
    </message>
</context>
<context>
    <name>Bundle</name>
    <message>
        <source>Missing</source>
        <translation>Fehlt</translation>
    </message>
    <message>
        <source>Not listed</source>
        <translation>Nicht aufgeführt</translation>
    </message>
    <message>
        <source>Damaged</source>
        <translation>Beschädigt</translation>
    </message>
    <message>
        <source>Unsigned</source>
        <translation>Unsigniert</translation>
    </message>
    <message>
        <source>Not trusted</source>
        <translation>Nicht vertraut</translation>
    </message>
    <message>
        <source>Key revoked</source>
        <translation>Schlüssel widerrufen</translation>
    </message>
    <message>
        <source>Key expired</source>
        <translation>Schlüssel abgelaufen</translation>
    </message>
    <message>
        <source>Old serial</source>
        <translation>Alte Seriennummer</translation>
    </message>
    <message>
        <source>Part missing</source>
        <translation>Teil fehlt</translation>
    </message>
    <message>
        <source>Not a file</source>
        <translation>Keine Datei</translation>
    </message>
    <message>
        <source>Malformed</source>
        <translation>Formfehler</translation>
    </message>
    <message>
        <source>Unreadable</source>
        <translation>Nicht lesbar</translation>
    </message>
    <message>
        <source>Ask the sender for a new copy.</source>
        <translation>Bitten Sie den Absender um eine neue Kopie.</translation>
    </message>
    <message>
        <source>Something was added after it was signed. Ask the sender.</source>
        <translation>Nach dem Signieren kam etwas hinzu. Fragen Sie den Absender.</translation>
    </message>
    <message>
        <source>The key that signed it is no longer believed. Ask the sender.</source>
        <translation>Dem Schlüssel der Signatur wird nicht mehr vertraut. Fragen Sie den Absender.</translation>
    </message>
    <message>
        <source>Policy asks for a signature by a trusted key. Compare the key&apos;s fingerprint with its owner by telephone, trust it in Settings, then look again.</source>
        <translation>Die Richtlinie verlangt die Signatur eines vertrauten Schlüssels. Vergleichen Sie seinen Fingerabdruck mit dem Besitzer am Telefon, vertrauen Sie ihm in den Einstellungen, dann sehen Sie erneut nach.</translation>
    </message>
    <message>
        <source>Policy asks for a signature by a trusted key. Ask the sender to sign it.</source>
        <translation>Die Richtlinie verlangt die Signatur eines vertrauten Schlüssels. Bitten Sie den Absender, es zu signieren.</translation>
    </message>
    <message>
        <source>The key that signed it has expired. Ask the sender for a new one.</source>
        <translation>Der Schlüssel der Signatur ist abgelaufen. Bitten Sie den Absender um einen neuen.</translation>
    </message>
    <message>
        <source>Put all parts into one folder, then look again.</source>
        <translation>Legen Sie alle Teile in einen Ordner, dann sehen Sie erneut nach.</translation>
    </message>
    <message>
        <source>Copy it again from the sender&apos;s medium, or give a second copy.</source>
        <translation>Kopieren Sie es noch einmal vom Datenträger des Absenders, oder geben Sie eine zweite Kopie an.</translation>
    </message>
    <message>
        <source>Give a second copy to repair it from, or copy it again.</source>
        <translation>Geben Sie eine zweite Kopie an, aus der es repariert wird, oder kopieren Sie es noch einmal.</translation>
    </message>
    <message>
        <source>A bundle with this serial or a newer one came from this sender before. Accept it only if you know why; that is recorded.</source>
        <translation>Von diesem Absender kam schon ein Bündel mit dieser oder einer neueren Seriennummer. Nehmen Sie es nur an, wenn Sie wissen, warum; das wird protokolliert.</translation>
    </message>
    <message>
        <source>Trusted</source>
        <translation>Vertraut</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>In the store</source>
        <translation>Im Speicher</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
</context>
<context>
    <name>BundleInDialog</name>
    <message>
        <source>Import bundle</source>
        <translation>Bündel importieren</translation>
    </message>
    <message>
        <source>Accept the old serial</source>
        <translation>Alte Seriennummer annehmen</translation>
    </message>
    <message>
        <source>That you did is recorded in the log.</source>
        <translation>Dass Sie das taten, steht dann im Protokoll.</translation>
    </message>
    <message>
        <source>Receipt signed by</source>
        <translation>Quittung signiert von</translation>
    </message>
    <message>
        <source>Passphrase of this key</source>
        <translation>Passphrase dieses Schlüssels</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Erneut nachsehen</translation>
    </message>
    <message>
        <source>Second copy…</source>
        <translation>Zweite Kopie…</translation>
    </message>
    <message>
        <source>Another copy of the same bundle, to repair damaged parts from</source>
        <translation>Eine weitere Kopie desselben Bündels, aus der Beschädigtes repariert wird</translation>
    </message>
    <message>
        <source>Show receipt in folder</source>
        <translation>Quittung im Ordner zeigen</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Import</translation>
    </message>
    <message>
        <source>Importing the bundle</source>
        <translation>Bündel wird importiert</translation>
    </message>
    <message>
        <source>Signer</source>
        <translation>Unterzeichner</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Believed here</source>
        <translation>Hier vertraut</translation>
    </message>
    <message>
        <source>Signers</source>
        <translation>Unterzeichner</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Quant.</source>
        <translation>Quant.</translation>
    </message>
    <message>
        <source>License</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>Hier</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Models in the bundle</source>
        <translation>Modelle im Bündel</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Mangel</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>Mängel</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>What is in the bundle</source>
        <translation>Inhalt des Bündels</translation>
    </message>
    <message>
        <source>{0} files</source>
        <translation>{0} Dateien</translation>
    </message>
    <message>
        <source>Sender: {0}</source>
        <translation>Absender: {0}</translation>
    </message>
    <message>
        <source>not named</source>
        <translation>nicht genannt</translation>
    </message>
    <message>
        <source>Serial: {0}</source>
        <translation>Seriennummer: {0}</translation>
    </message>
    <message>
        <source>Made: {0}</source>
        <translation>Erstellt: {0}</translation>
    </message>
    <message>
        <source>Size: {0}</source>
        <translation>Größe: {0}</translation>
    </message>
    <message>
        <source>Parts: {0}</source>
        <translation>Teile: {0}</translation>
    </message>
    <message>
        <source>Signed by a key that is trusted here.</source>
        <translation>Mit einem Schlüssel signiert, dem hier vertraut wird.</translation>
    </message>
    <message>
        <source>No trusted key signed it; policy allows that.</source>
        <translation>Kein vertrauter Schlüssel hat es signiert; die Richtlinie erlaubt das.</translation>
    </message>
    <message>
        <source>Every byte is checked while it is copied.</source>
        <translation>Jedes Byte wird beim Kopieren geprüft.</translation>
    </message>
    <message>
        <source>It cannot be taken in as it is: {0}.</source>
        <translation>So kann es nicht aufgenommen werden: {0}.</translation>
    </message>
    <message>
        <source>Go on in Transfers</source>
        <translation>Weiter in Transfers</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Second copy of the bundle</source>
        <translation>Zweite Kopie des Bündels</translation>
    </message>
    <message>
        <source>Bundles ({0})</source>
        <translation>Bündel ({0})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Second copy: {0}</source>
        <translation>Zweite Kopie: {0}</translation>
    </message>
    <message>
        <source>Import {0}</source>
        <translation>{0} importieren</translation>
    </message>
    <message>
        <source>{0} copied, {1} were here already.</source>
        <translation>{0} kopiert, {1} waren schon hier.</translation>
    </message>
    <message>
        <source>{0} {1} repaired from the second copy.</source>
        <translation>{0} {1} aus der zweiten Kopie repariert.</translation>
    </message>
    <message>
        <source>Receipt to carry back: {0}</source>
        <translation>Quittung zum Zurückbringen: {0}</translation>
    </message>
    <message>
        <source>No receipt was written: no key signs receipts here.</source>
        <translation>Es wurde keine Quittung geschrieben: Hier signiert kein Schlüssel Quittungen.</translation>
    </message>
    <message>
        <source>The bundle is in the store.</source>
        <translation>Das Bündel ist im Speicher.</translation>
    </message>
    <message>
        <source>Not everything in it was taken in.</source>
        <translation>Nicht alles daraus wurde aufgenommen.</translation>
    </message>
</context>
<context>
    <name>BundleOutDialog</name>
    <message>
        <source>Export bundle</source>
        <translation>Bündel exportieren</translation>
    </message>
    <message>
        <source>Folder or file to make</source>
        <translation>Neuer Ordner oder neue Datei</translation>
    </message>
    <message>
        <source>Target</source>
        <translation>Ziel</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>One file</source>
        <translation>Eine Datei</translation>
    </message>
    <message>
        <source>A folder</source>
        <translation>Ein Ordner</translation>
    </message>
    <message>
        <source>Form of the bundle</source>
        <translation>Form des Bündels</translation>
    </message>
    <message>
        <source>Largest part</source>
        <translation>Größter Teil</translation>
    </message>
    <message>
        <source>not split</source>
        <translation>nicht geteilt</translation>
    </message>
    <message>
        <source>4 GiB parts, for FAT32 sticks</source>
        <translation>Teile zu 4 GiB, für FAT32-Sticks</translation>
    </message>
    <message>
        <source>1 GiB parts</source>
        <translation>Teile zu 1 GiB</translation>
    </message>
    <message>
        <source>With evaluation runs</source>
        <translation>Mit Auswertungen</translation>
    </message>
    <message>
        <source>So that the receiver need not run them again.</source>
        <translation>Damit der Empfänger sie nicht noch einmal laufen lassen muss.</translation>
    </message>
    <message>
        <source>With decision notes</source>
        <translation>Mit Entscheidungsvermerken</translation>
    </message>
    <message>
        <source>Passphrase of the protected keys</source>
        <translation>Passphrase der geschützten Schlüssel</translation>
    </message>
    <message>
        <source>Without a signature the receiver cannot tell who sent it, and by default does not take it in.</source>
        <translation>Ohne Signatur kann der Empfänger nicht erkennen, von wem es kommt, und nimmt es ohne Weiteres nicht auf.</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Writing the bundle</source>
        <translation>Bündel wird geschrieben</translation>
    </message>
    <message>
        <source>Tell the receiver by another way</source>
        <translation>Dem Empfänger auf anderem Weg mitteilen</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>Parts</source>
        <translation>Teile</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>Aufbau</translation>
    </message>
    <message>
        <source>Signed by</source>
        <translation>Signiert von</translation>
    </message>
    <message>
        <source>What goes into the bundle</source>
        <translation>Was ins Bündel kommt</translation>
    </message>
    <message>
        <source>protected by a passphrase</source>
        <translation>mit Passphrase geschützt</translation>
    </message>
    <message>
        <source>There is no signing key of yours for bundles. Make one in Settings to sign what you send.</source>
        <translation>Sie haben keinen Schlüssel für Bündel. Erstellen Sie einen in den Einstellungen, um zu signieren, was Sie senden.</translation>
    </message>
    <message>
        <source>Export unsigned</source>
        <translation>Unsigniert exportieren</translation>
    </message>
    <message>
        <source>Where to write the bundle</source>
        <translation>Wohin mit dem Bündel</translation>
    </message>
    <message>
        <source>Go on in Transfers</source>
        <translation>Weiter in Transfers</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Export {0}</source>
        <translation>{0} exportieren</translation>
    </message>
    <message>
        <source>{0} in {1} files, serial {2}.</source>
        <translation>{0} in {1} Dateien, Seriennummer {2}.</translation>
    </message>
    <message>
        <source>The bundle is written.</source>
        <translation>Das Bündel ist geschrieben.</translation>
    </message>
    <message>
        <source>By telephone or on paper, not with the bundle: the receiver compares this with what their Steelyard shows for your key.</source>
        <translation>Am Telefon oder auf Papier, nicht mit dem Bündel: Der Empfänger vergleicht dies mit dem, was sein Steelyard zu Ihrem Schlüssel zeigt.</translation>
    </message>
    <message>
        <source>It is not signed. The receiver can check its bytes, not its sender.</source>
        <translation>Es ist nicht signiert. Der Empfänger kann seine Bytes prüfen, nicht seinen Absender.</translation>
    </message>
    <message>
        <source>Fingerprint of {0}</source>
        <translation>Fingerabdruck von {0}</translation>
    </message>
</context>
<context>
    <name>Catalog</name>
    <message>
        <source>Commercial use</source>
        <translation>Gewerbliche Nutzung</translation>
    </message>
    <message>
        <source>Fits this machine</source>
        <translation>Passt auf diesen Rechner</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Smallest size</source>
        <translation>Kleinste Größe</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Publisher</source>
        <translation>Herausgeber</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Quantization</source>
        <translation>Quantisierung</translation>
    </message>
    <message>
        <source>In the store</source>
        <translation>Im Speicher</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Nicht bekannt</translation>
    </message>
    <message>
        <source>Not in the store</source>
        <translation>Nicht im Speicher</translation>
    </message>
    <message>
        <source>Up to 1 GiB</source>
        <translation>Bis 1 GiB</translation>
    </message>
    <message>
        <source>1 to 4 GiB</source>
        <translation>1 bis 4 GiB</translation>
    </message>
    <message>
        <source>4 to 8 GiB</source>
        <translation>4 bis 8 GiB</translation>
    </message>
    <message>
        <source>8 to 16 GiB</source>
        <translation>8 bis 16 GiB</translation>
    </message>
    <message>
        <source>16 to 32 GiB</source>
        <translation>16 bis 32 GiB</translation>
    </message>
    <message>
        <source>Over 32 GiB</source>
        <translation>Über 32 GiB</translation>
    </message>
    <message>
        <source>Text generation</source>
        <translation>Text erzeugen</translation>
    </message>
    <message>
        <source>Image and text to text</source>
        <translation>Bild und Text zu Text</translation>
    </message>
    <message>
        <source>Embedding</source>
        <translation>Einbettung</translation>
    </message>
    <message>
        <source>Sentence similarity</source>
        <translation>Satzähnlichkeit</translation>
    </message>
    <message>
        <source>Reranking</source>
        <translation>Neu ordnen</translation>
    </message>
    <message>
        <source>Text classification</source>
        <translation>Text einordnen</translation>
    </message>
    <message>
        <source>Speech recognition</source>
        <translation>Spracherkennung</translation>
    </message>
    <message>
        <source>Fits</source>
        <translation>Passt</translation>
    </message>
    <message>
        <source>Tight</source>
        <translation>Knapp</translation>
    </message>
    <message>
        <source>Too large</source>
        <translation>Zu groß</translation>
    </message>
    <message>
        <source>Fits tightly</source>
        <translation>Passt knapp</translation>
    </message>
    <message>
        <source>Too large for this machine</source>
        <translation>Zu groß für diesen Rechner</translation>
    </message>
    <message>
        <source>Fit not known</source>
        <translation>Bedarf nicht bekannt</translation>
    </message>
    <message>
        <source>Facts as of {0}, verify at download</source>
        <translation>Stand {0}, beim Herunterladen prüfen</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>in store</source>
        <translation>im Speicher</translation>
    </message>
    <message>
        <source>{0} of {1} parameters active for a token</source>
        <translation>{0} von {1} Parametern je Token aktiv</translation>
    </message>
    <message>
        <source>as of {0}</source>
        <translation>vom {0}</translation>
    </message>
    <message>
        <source>Facts as of {0}; every byte is verified when it is downloaded.</source>
        <translation>Stand vom {0}; beim Herunterladen wird jedes Byte geprüft.</translation>
    </message>
    <message>
        <source>Starter models</source>
        <translation>Startmodelle</translation>
    </message>
    <message>
        <source>Known families</source>
        <translation>Bekannte Familien</translation>
    </message>
    <message>
        <source>Model hub</source>
        <translation>Modell-Hub</translation>
    </message>
    <message>
        <source>shipped</source>
        <translation>mitgeliefert</translation>
    </message>
    <message>
        <source>In this installation</source>
        <translation>In dieser Installation</translation>
    </message>
    <message>
        <source>Site mirror</source>
        <translation>Spiegel im Haus</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Bundles</source>
        <translation>Bündel</translation>
    </message>
    <message>
        <source>Offline by policy</source>
        <translation>Offline laut Richtlinie</translation>
    </message>
    <message>
        <source>Offline by your settings</source>
        <translation>Offline laut Ihren Einstellungen</translation>
    </message>
    <message>
        <source>never asked</source>
        <translation>nie gefragt</translation>
    </message>
    <message>
        <source>asked {0}</source>
        <translation>gefragt: {0}</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Unload</source>
        <translation>Entladen</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Neues Gespräch</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
    </message>
    <message>
        <source>Ask the model something</source>
        <translation>Fragen Sie das Modell etwas</translation>
    </message>
    <message>
        <source>It runs on this machine, in a process of its own, without a network.</source>
        <translation>Es läuft auf diesem Rechner, in einem eigenen Prozess, ohne Netz.</translation>
    </message>
    <message>
        <source>Write to the model…</source>
        <translation>Nachricht an das Modell…</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Not stored: closing the window ends the conversation.</source>
        <translation>Nicht gespeichert: Mit dem Fenster endet das Gespräch.</translation>
    </message>
    <message>
        <source>loaded</source>
        <translation>geladen</translation>
    </message>
    <message>
        <source>not loaded</source>
        <translation>nicht geladen</translation>
    </message>
    <message>
        <source>Unload {0}</source>
        <translation>{0} entladen</translation>
    </message>
    <message>
        <source>Answer of {0}</source>
        <translation>Antwort von {0}</translation>
    </message>
    <message>
        <source>loading the model</source>
        <translation>Modell wird geladen</translation>
    </message>
    <message>
        <source>waiting for the model</source>
        <translation>wartet auf das Modell</translation>
    </message>
    <message>
        <source>verifying the model</source>
        <translation>Modell wird geprüft</translation>
    </message>
    <message>
        <source>reading the prompt</source>
        <translation>Prompt wird gelesen</translation>
    </message>
    <message>
        <source>{0} of {1} tokens</source>
        <translation>{0} von {1} Tokens</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
</context>
<context>
    <name>Chips</name>
    <message>
        <source>PASS</source>
        <translation>PASS</translation>
    </message>
    <message>
        <source>WARN</source>
        <translation>WARN</translation>
    </message>
    <message>
        <source>FAIL</source>
        <translation>FAIL</translation>
    </message>
    <message>
        <source>NOT RUN</source>
        <translation>KEIN LAUF</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Search and commands</source>
        <translation>Suche und Befehle</translation>
    </message>
    <message>
        <source>Search or paste a reference…</source>
        <translation>Suchen oder Referenz einfügen…</translation>
    </message>
    <message>
        <source>A page, a model, an action, owner/name, an address or a file path</source>
        <translation>Eine Seite, ein Modell, eine Aktion, Inhaber/Name, eine Adresse oder ein Dateipfad</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Treffer</translation>
    </message>
    <message>
        <source>Nothing is called that. Paste owner/name, an address or a file path to take in a model.</source>
        <translation>Nichts heißt so. Um ein Modell aufzunehmen, fügen Sie Inhaber/Name, eine Adresse oder einen Dateipfad ein.</translation>
    </message>
    <message>
        <source>Import {0}</source>
        <translation>{0} importieren</translation>
    </message>
    <message>
        <source>Pull {0}</source>
        <translation>{0} holen</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
</context>
<context>
    <name>ContextSlider</name>
    <message>
        <source>Context length</source>
        <translation>Kontextlänge</translation>
    </message>
    <message>
        <source>{0} tokens</source>
        <translation>{0} Tokens</translation>
    </message>
</context>
<context>
    <name>CreateForm</name>
    <message>
        <source>Create a key</source>
        <translation>Schlüssel anlegen</translation>
    </message>
    <message>
        <source>Its private part stays on this machine. Give the public part to others, and tell them the fingerprint over another way.</source>
        <translation>Der private Teil bleibt auf diesem Rechner. Geben Sie anderen den öffentlichen Teil und nennen Sie ihnen den Fingerabdruck auf einem anderen Weg.</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>Anlegen</translation>
    </message>
    <message>
        <source>days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>As signatures and lists will call it.</source>
        <translation>So heißt er in Signaturen und Listen.</translation>
    </message>
    <message>
        <source>&amp;Signs</source>
        <translation>&amp;Signiert</translation>
    </message>
    <message>
        <source>&amp;Valid for</source>
        <translation>&amp;Gültig für</translation>
    </message>
    <message>
        <source>0: without end.</source>
        <translation>0: ohne Ende.</translation>
    </message>
    <message>
        <source>&amp;Passphrase</source>
        <translation>&amp;Kennsatz</translation>
    </message>
    <message>
        <source>Asked for at each signature. Empty: whoever has this account can sign.</source>
        <translation>Wird bei jeder Signatur verlangt. Leer: Wer dieses Konto hat, kann signieren.</translation>
    </message>
    <message>
        <source>Passphrase &amp;again</source>
        <translation>Kennsatz &amp;wiederholen</translation>
    </message>
    <message>
        <source>A key needs a name.</source>
        <translation>Ein Schlüssel braucht einen Namen.</translation>
    </message>
    <message>
        <source>The two passphrases differ.</source>
        <translation>Die beiden Kennsätze weichen voneinander ab.</translation>
    </message>
</context>
<context>
    <name>Digest</name>
    <message>
        <source>Copy the digest</source>
        <translation>Prüfsumme kopieren</translation>
    </message>
</context>
<context>
    <name>DownloadLine</name>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>{0} of {1} are kept</source>
        <translation>{0} von {1} bleiben erhalten</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>Wird heruntergeladen</translation>
    </message>
</context>
<context>
    <name>Dropped</name>
    <message>
        <source>Press Ctrl+K and paste the address there to look it up.</source>
        <translation>Drücken Sie Strg+K und fügen Sie die Adresse dort ein, um sie nachzuschlagen.</translation>
    </message>
    <message>
        <source>An address is not a file</source>
        <translation>Eine Adresse ist keine Datei</translation>
    </message>
    <message>
        <source>Import as models, inspect bundles</source>
        <translation>Modelle importieren, Bündel ansehen</translation>
    </message>
    <message>
        <source>Import as model</source>
        <translation>Als Modell importieren</translation>
    </message>
    <message>
        <source>Import {0} models</source>
        <translation>{0} Modelle importieren</translation>
    </message>
    <message>
        <source>Inspect bundle</source>
        <translation>Bündel ansehen</translation>
    </message>
    <message>
        <source>Inspect {0} bundles</source>
        <translation>{0} Bündel ansehen</translation>
    </message>
    <message>
        <source>Check the receipt of a bundle</source>
        <translation>Quittung eines Bündels prüfen</translation>
    </message>
    <message>
        <source>Look for models in this folder</source>
        <translation>In diesem Ordner nach Modellen suchen</translation>
    </message>
    <message>
        <source>This cannot be taken in</source>
        <translation>Das kann nicht aufgenommen werden</translation>
    </message>
    <message>
        <source>It is copied, hashed and checked; it is never moved.</source>
        <translation>Es wird kopiert, gehasht und geprüft, nie verschoben.</translation>
    </message>
    <message>
        <source>You see who signed it and what is in it before anything is taken in.</source>
        <translation>Sie sehen, wer es signiert hat und was darin ist, bevor etwas aufgenommen wird.</translation>
    </message>
    <message>
        <source>Whether it answers a bundle that was made here, and who signed it.</source>
        <translation>Ob sie zu einem Bündel gehört, das hier erstellt wurde, und wer sie signiert hat.</translation>
    </message>
    <message>
        <source>What is found there can be adopted; nothing is changed there.</source>
        <translation>Was dort liegt, kann übernommen werden; geändert wird dort nichts.</translation>
    </message>
    <message>
        <source>{0} of {1} are left out.</source>
        <translation>{0} von {1} bleiben weg.</translation>
    </message>
    <message>
        <source>There is nothing at this place any more.</source>
        <translation>An dieser Stelle ist nichts mehr.</translation>
    </message>
    <message>
        <source>This is a later part of a bundle. Drop its first part, .001.</source>
        <translation>Das ist ein späterer Teil eines Bündels. Nehmen Sie den ersten, .001.</translation>
    </message>
    <message>
        <source>Weights alone are no model. Drop the folder they are in, with config.json.</source>
        <translation>Gewichte allein sind kein Modell. Nehmen Sie den Ordner, in dem sie mit config.json liegen.</translation>
    </message>
    <message>
        <source>Python pickles run code when they are opened and are never taken in. Use safetensors or GGUF.</source>
        <translation>Python-Pickles führen beim Öffnen Code aus und werden nie aufgenommen. Nehmen Sie safetensors oder GGUF.</translation>
    </message>
    <message>
        <source>Archives are not opened here. Unpack it first, then drop the folder.</source>
        <translation>Archive werden hier nicht geöffnet. Entpacken Sie es zuerst, und nehmen Sie den Ordner.</translation>
    </message>
    <message>
        <source>This is neither a GGUF file, a model folder nor a bundle.</source>
        <translation>Das ist weder eine GGUF-Datei noch ein Modellordner noch ein Bündel.</translation>
    </message>
    <message>
        <source>This folder cannot be read ({0}).</source>
        <translation>Dieser Ordner lässt sich nicht lesen ({0}).</translation>
    </message>
    <message>
        <source>Drop the bundle in this folder, not the folder.</source>
        <translation>Nehmen Sie das Bündel in diesem Ordner, nicht den Ordner.</translation>
    </message>
    <message>
        <source>There is neither a GGUF file nor config.json with safetensors in it.</source>
        <translation>Darin ist weder eine GGUF-Datei noch config.json mit safetensors.</translation>
    </message>
</context>
<context>
    <name>EntryCard</name>
    <message>
        <source>Entry</source>
        <translation>Eintrag</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>Copy the entry as JSON</source>
        <translation>Eintrag als JSON kopieren</translation>
    </message>
    <message>
        <source>No entry</source>
        <translation>Kein Eintrag</translation>
    </message>
    <message>
        <source>Choose an entry to see all it says.</source>
        <translation>Wählen Sie einen Eintrag, um alles zu sehen, was er enthält.</translation>
    </message>
    <message>
        <source>Entry {0}</source>
        <translation>Eintrag {0}</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>Actor</source>
        <translation>Akteur</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>Objekt</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Leaf</source>
        <translation>Blatt</translation>
    </message>
    <message>
        <source>Entry before</source>
        <translation>Eintrag davor</translation>
    </message>
</context>
<context>
    <name>EntryDownload</name>
    <message>
        <source>Download {0}</source>
        <translation>{0} herunterladen</translation>
    </message>
    <message>
        <source>Continue {0}</source>
        <translation>{0} fortsetzen</translation>
    </message>
    <message>
        <source>Discard what was fetched?</source>
        <translation>Geholtes verwerfen?</translation>
    </message>
    <message>
        <source>The bytes fetched so far are deleted. Nothing in the store changes.</source>
        <translation>Die bisher geholten Bytes werden gelöscht. Im Speicher ändert sich nichts.</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Discard {0}</source>
        <translation>{0} verwerfen</translation>
    </message>
</context>
<context>
    <name>EntryEvidenceTab</name>
    <message>
        <source>Where this is known from</source>
        <translation>Woher das bekannt ist</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>Variante</translation>
    </message>
    <message>
        <source>Publisher hash</source>
        <translation>Herausgeber-Hash</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Declared digests</source>
        <translation>Erklärte Prüfsummen</translation>
    </message>
    <message>
        <source>what arrives is compared with them</source>
        <translation>mit ihnen wird verglichen, was eintrifft</translation>
    </message>
    <message>
        <source>Nothing here has been verified: these are a source&apos;s words. Bytes, signature, scan and approval are proven once the files are in the store.</source>
        <translation>Nichts hiervon ist geprüft: Es sind Worte einer Quelle. Bytes, Signatur, Scan und Freigabe werden belegt, sobald die Dateien im Speicher liegen.</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Learned</source>
        <translation>Stand</translation>
    </message>
    <message>
        <source>Also from</source>
        <translation>Auch von</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>Commit</translation>
    </message>
    <message>
        <source>License</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Access</source>
        <translation>Zugang</translation>
    </message>
    <message>
        <source>gated: its publisher asks for an agreement and a token</source>
        <translation>beschränkt: Der Herausgeber verlangt eine Zustimmung und ein Token</translation>
    </message>
    <message>
        <source>Declared</source>
        <translation>Erklärt</translation>
    </message>
    <message>
        <source>None known</source>
        <translation>Keiner bekannt</translation>
    </message>
</context>
<context>
    <name>EntryPage</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Überblick</translation>
    </message>
    <message>
        <source>Files and variants</source>
        <translation>Dateien und Varianten</translation>
    </message>
    <message>
        <source>License</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Speicherbedarf</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>Nachweise</translation>
    </message>
    <message>
        <source>About this model</source>
        <translation>Über dieses Modell</translation>
    </message>
    <message>
        <source>Nothing is known of it here yet</source>
        <translation>Hier ist noch nichts darüber bekannt</translation>
    </message>
    <message>
        <source>No source has told of this model. Asking one uses the network; it is the button above.</source>
        <translation>Keine Quelle hat dieses Modell gemeldet. Eine zu fragen nutzt das Netz; das tut der Knopf oben.</translation>
    </message>
    <message>
        <source>{0} parameters</source>
        <translation>{0} Parameter</translation>
    </message>
    <message>
        <source>{0} GiB</source>
        <translation>{0} GiB</translation>
    </message>
    <message>
        <source>License {0}</source>
        <translation>Lizenz {0}</translation>
    </message>
    <message>
        <source>Gated by its publisher</source>
        <translation>Vom Herausgeber beschränkt</translation>
    </message>
    <message>
        <source>Open in the Library</source>
        <translation>In der Bibliothek öffnen</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Ask the sources</source>
        <translation>Quellen fragen</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Download {0}</source>
        <translation>{0} herunterladen</translation>
    </message>
    <message>
        <source>No source to ask</source>
        <translation>Keine Quelle zu fragen</translation>
    </message>
    <message>
        <source>Ask about {0}</source>
        <translation>Nach {0} fragen</translation>
    </message>
    <message>
        <source>Not every source answered.</source>
        <translation>Nicht jede Quelle hat geantwortet.</translation>
    </message>
</context>
<context>
    <name>EvaluatePage</name>
    <message>
        <source>Evaluate</source>
        <translation>Evaluieren</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Evaluating</source>
        <translation>Wird evaluiert</translation>
    </message>
    <message>
        <source>Run</source>
        <comment>one that was run</comment>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Runs, newest first</source>
        <translation>Läufe, neueste zuerst</translation>
    </message>
    <message>
        <source>No run yet</source>
        <translation>Noch kein Lauf</translation>
    </message>
    <message>
        <source>Choose a suite and a model, and run it. Every prompt and answer is kept.</source>
        <translation>Wählen Sie eine Testreihe und ein Modell und starten Sie den Lauf. Jeder Prompt und jede Antwort wird aufbewahrt.</translation>
    </message>
    <message>
        <source>Suites and models</source>
        <translation>Testreihen und Modelle</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>newest first</source>
        <translation>neueste zuerst</translation>
    </message>
    <message>
        <source>Suites</source>
        <translation>Testreihen</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Run {0}</source>
        <translation>{0} starten</translation>
    </message>
    <message>
        <source>one model at a time</source>
        <translation>ein Modell nach dem anderen</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>broken off</source>
        <translation>abgebrochen</translation>
    </message>
</context>
<context>
    <name>EvidenceTab</name>
    <message>
        <source>Trust facts</source>
        <translation>Vertrauensmerkmale</translation>
    </message>
    <message>
        <source>Digests</source>
        <translation>Prüfsummen</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>Nr.</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>Actor</source>
        <translation>Akteur</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>Ausgang</translation>
    </message>
    <message>
        <source>Log entries of this model</source>
        <translation>Protokolleinträge dieses Modells</translation>
    </message>
    <message>
        <source>Log entries</source>
        <translation>Protokolleinträge</translation>
    </message>
    <message>
        <source>that name this model&apos;s digest, newest first</source>
        <translation>zur Prüfsumme dieses Modells, neueste zuerst</translation>
    </message>
    <message>
        <source>No entry yet</source>
        <translation>Noch kein Eintrag</translation>
    </message>
    <message>
        <source>Loading, verifying or evaluating this model is written here.</source>
        <translation>Laden, Prüfen und Evaluieren dieses Modells wird hier festgehalten.</translation>
    </message>
    <message>
        <source>Each fact is kept apart: matching bytes, a signature, a scan and an approval differ.</source>
        <translation>Jedes Merkmal steht für sich: Gleiche Bytes, eine Signatur, ein Scan und eine Freigabe sind Verschiedenes.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model digest</source>
        <translation>Modell-Prüfsumme</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>Chat-Vorlage</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>Geprüft</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <translation>Endpunkt</translation>
    </message>
    <message>
        <source>Repository</source>
        <translation>Repository</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>Commit</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
</context>
<context>
    <name>FacetGroup</name>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Fewer</source>
        <translation>Weniger</translation>
    </message>
    <message>
        <source>{0} more</source>
        <translation>{0} weitere</translation>
    </message>
</context>
<context>
    <name>FacetPanel</name>
    <message>
        <source>Filters</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Clear all</source>
        <translation>Alle aufheben</translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>{0} left</source>
        <translation>noch {0}</translation>
    </message>
    <message>
        <source>today</source>
        <translation>heute</translation>
    </message>
</context>
<context>
    <name>FilesTab</name>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Publisher hash</source>
        <translation>Herausgeber-Hash</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Size, bytes</source>
        <translation>Größe, Bytes</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Copy a row to get the whole digest. Files with equal digests are kept once.</source>
        <translation>Kopieren Sie eine Zeile, um die ganze Prüfsumme zu erhalten. Dateien mit gleicher Prüfsumme werden einmal aufbewahrt.</translation>
    </message>
    <message>
        <source>Matches</source>
        <translation>Stimmt</translation>
    </message>
    <message>
        <source>Differs</source>
        <translation>Weicht ab</translation>
    </message>
    <message>
        <source>None given</source>
        <translation>Keiner</translation>
    </message>
</context>
<context>
    <name>FilterChip</name>
    <message>
        <source>Press to take this filter away</source>
        <translation>Drücken, um diesen Filter wegzunehmen</translation>
    </message>
</context>
<context>
    <name>FirstRunPage</name>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Wird ermittelt…</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>What a model needs is asked of the engine and held against this, each time.</source>
        <translation>Was ein Modell braucht, wird jedes Mal bei der Engine erfragt und hiermit verglichen.</translation>
    </message>
    <message>
        <source>Where models live</source>
        <translation>Wo Modelle liegen</translation>
    </message>
    <message>
        <source>Each file is kept once, by its content, readable by you alone. Removing Steelyard does not remove them.</source>
        <translation>Jede Datei wird einmal nach ihrem Inhalt abgelegt, nur für Sie lesbar. Wird Steelyard entfernt, bleiben die Modelle erhalten.</translation>
    </message>
    <message>
        <source>Never: refuse every connection</source>
        <translation>Nie: jede Verbindung verweigern</translation>
    </message>
    <message>
        <source>Only when I ask for something from a host</source>
        <translation>Nur wenn ich etwas von einem Host anfordere</translation>
    </message>
    <message>
        <source>The network</source>
        <translation>Das Netz</translation>
    </message>
    <message>
        <source>Nothing connects by itself, in either case. You can change this in Settings.</source>
        <translation>In keinem Fall wird von selbst eine Verbindung aufgebaut. Sie können dies in den Einstellungen ändern.</translation>
    </message>
    <message>
        <source>Run the starter check</source>
        <translation>Startprüfung ausführen</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>A small starter model is in the library. It checks this installation and is not for work: the starter check shows in a few seconds that this machine computes rightly.</source>
        <translation>In der Bibliothek liegt ein kleines Startmodell. Es prüft diese Installation und ist nicht für die Arbeit gedacht: Die Startprüfung zeigt in wenigen Sekunden, dass dieser Rechner richtig rechnet.</translation>
    </message>
    <message>
        <source>Starter: checks this installation, not for work</source>
        <translation>Startmodell: prüft diese Installation, nicht für die Arbeit</translation>
    </message>
    <message>
        <source>{0} logical cores</source>
        <translation>{0} logische Kerne</translation>
    </message>
    <message>
        <source>{0} of memory, {1} available now</source>
        <translation>{0} Arbeitsspeicher, {1} jetzt verfügbar</translation>
    </message>
    <message>
        <source>No graphics processor that its driver tells of</source>
        <translation>Kein Grafikprozessor, den ein Treiber meldet</translation>
    </message>
    <message>
        <source>On the disk at {0}</source>
        <translation>Auf dem Datenträger unter {0}</translation>
    </message>
    <message>
        <source>{0} free</source>
        <translation>{0} frei</translation>
    </message>
    <message>
        <source>Fixed by policy.</source>
        <translation>Durch Richtlinie festgelegt.</translation>
    </message>
    <message>
        <source>Open the library</source>
        <translation>Bibliothek öffnen</translation>
    </message>
    <message>
        <source>Step {0} of {1}</source>
        <translation>Schritt {0} von {1}</translation>
    </message>
    <message>
        <source>Starter check · starter</source>
        <translation>Startprüfung · Startmodell</translation>
    </message>
</context>
<context>
    <name>FitTab</name>
    <message>
        <source>Context length</source>
        <translation>Kontextlänge</translation>
    </message>
    <message>
        <source>Context length in tokens</source>
        <translation>Kontextlänge in Tokens</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV-Cache</translation>
    </message>
    <message>
        <source>Memory needed</source>
        <translation>Speicherbedarf</translation>
    </message>
    <message>
        <source>&amp;Context length</source>
        <translation>&amp;Kontextlänge</translation>
    </message>
    <message>
        <source>trained for {0} tokens</source>
        <translation>trainiert für {0} Tokens</translation>
    </message>
    <message>
        <source>Asked of the engine by a dry load, in {0}.</source>
        <translation>Durch einen Probelauf bei der Engine erfragt, in {0}.</translation>
    </message>
    <message>
        <source>Computed by a formula; the engine could not be asked.</source>
        <translation>Nach einer Formel berechnet; die Engine konnte nicht befragt werden.</translation>
    </message>
    <message>
        <source>{0} are kept free. Sizes are in GiB.</source>
        <translation>{0} bleiben frei. Größen in GiB.</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Compute and output</source>
        <translation>Rechnen und Ausgabe</translation>
    </message>
    <message>
        <source>Other programs</source>
        <translation>Andere Programme</translation>
    </message>
    <message>
        <source>Headroom</source>
        <translation>Reserve</translation>
    </message>
    <message>
        <source>Memory of {0}</source>
        <translation>Speicher von {0}</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Arbeitsspeicher</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>Fits, {0} to spare</source>
        <translation>Passt, {0} übrig</translation>
    </message>
    <message>
        <source>Does not fit, short by {0}</source>
        <translation>Passt nicht, es fehlen {0}</translation>
    </message>
    <message>
        <source>available now</source>
        <translation>jetzt verfügbar</translation>
    </message>
</context>
<context>
    <name>FormDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>FoundModelsDialog</name>
    <message>
        <source>Models on this machine</source>
        <translation>Modelle auf diesem Rechner</translation>
    </message>
    <message>
        <source>Look in a folder…</source>
        <translation>In einem Ordner suchen…</translation>
    </message>
    <message>
        <source>Chosen</source>
        <translation>Gewählt</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>Hier</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>Verknüpfen</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Models found</source>
        <translation>Gefundene Modelle</translation>
    </message>
    <message>
        <source>Nothing was found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Neither Hugging Face&apos;s cache nor Ollama nor LM Studio has a model here.</source>
        <translation>Weder der Cache von Hugging Face noch Ollama noch LM Studio hat hier ein Modell.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>How to adopt</source>
        <translation>Art der Übernahme</translation>
    </message>
    <message>
        <source>Adopt</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Looking in {0}…</source>
        <translation>Suche in {0}…</translation>
    </message>
    <message>
        <source>Looking in the usual places…</source>
        <translation>Suche an den üblichen Orten…</translation>
    </message>
    <message>
        <source>Looked in {0}</source>
        <translation>Gesucht in {0}</translation>
    </message>
    <message>
        <source>In the store</source>
        <translation>Im Speicher</translation>
    </message>
    <message>
        <source>Not here yet</source>
        <translation>Noch nicht hier</translation>
    </message>
    <message>
        <source>possible</source>
        <translation>möglich</translation>
    </message>
    <message>
        <source>other disk</source>
        <translation>anderes Laufwerk</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>A link takes no space: both programs use the same bytes on disk. The other program could still change them; the next check here would find that and stop the model from being loaded.</source>
        <translation>Eine Verknüpfung braucht keinen Platz: Beide Programme nutzen dieselben Bytes. Das andere Programm könnte sie noch ändern; die nächste Prüfung hier fände das und sperrte das Modell.</translation>
    </message>
    <message>
        <source>{0} lie on another disk and are copied.</source>
        <translation>{0} liegen auf einem anderen Laufwerk und werden kopiert.</translation>
    </message>
    <message>
        <source>A copy takes its size again, and nothing the other program does can change it.</source>
        <translation>Eine Kopie braucht den Platz noch einmal, und das andere Programm kann sie nicht ändern.</translation>
    </message>
    <message>
        <source>Adopt {0}, {1}</source>
        <translation>{0} übernehmen, {1}</translation>
    </message>
    <message>
        <source>Look for models in a folder</source>
        <translation>In einem Ordner nach Modellen suchen</translation>
    </message>
    <message>
        <source>Adopt {0}</source>
        <translation>{0} übernehmen</translation>
    </message>
</context>
<context>
    <name>GoingOn</name>
    <message>
        <source>How far the check is</source>
        <translation>Stand der Prüfung</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
</context>
<context>
    <name>ImportButton</name>
    <message>
        <source>Import</source>
        <translation>Import</translation>
    </message>
    <message>
        <source>A GGUF file…</source>
        <translation>Eine GGUF-Datei…</translation>
    </message>
    <message>
        <source>A model folder…</source>
        <translation>Ein Modellordner…</translation>
    </message>
    <message>
        <source>A bundle…</source>
        <translation>Ein Bündel…</translation>
    </message>
    <message>
        <source>Models on this machine…</source>
        <translation>Modelle auf diesem Rechner…</translation>
    </message>
    <message>
        <source>GGUF files (*.gguf)</source>
        <translation>GGUF-Dateien (*.gguf)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Import a GGUF file</source>
        <translation>GGUF-Datei importieren</translation>
    </message>
    <message>
        <source>Import a model folder</source>
        <translation>Modellordner importieren</translation>
    </message>
    <message>
        <source>Bundles ({0})</source>
        <translation>Bündel ({0})</translation>
    </message>
    <message>
        <source>Inspect a bundle</source>
        <translation>Bündel ansehen</translation>
    </message>
</context>
<context>
    <name>JobRow</name>
    <message>
        <source>Progress of {0}</source>
        <translation>Fortschritt: {0}</translation>
    </message>
    <message>
        <source>Cancel {0}</source>
        <translation>Abbrechen: {0}</translation>
    </message>
    <message>
        <source>Pause {0}</source>
        <translation>{0} anhalten</translation>
    </message>
    <message>
        <source>Take {0} off the list</source>
        <translation>Aus der Liste nehmen: {0}</translation>
    </message>
    <message>
        <source>Take off the list</source>
        <translation>Aus der Liste nehmen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Erledigt</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Bundles</source>
        <translation>Bündel</translation>
    </message>
    <message>
        <source>Mirror indexes</source>
        <translation>Spiegelverzeichnisse</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>Vermerke</translation>
    </message>
    <message>
        <source>The log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>In force</source>
        <translation>In Kraft</translation>
    </message>
    <message>
        <source>Not yet</source>
        <translation>Noch nicht</translation>
    </message>
    <message>
        <source>Expired</source>
        <translation>Abgelaufen</translation>
    </message>
    <message>
        <source>Revoked</source>
        <translation>Widerrufen</translation>
    </message>
    <message>
        <source>Own</source>
        <translation>Eigener</translation>
    </message>
    <message>
        <source>Trusted by you</source>
        <translation>Von Ihnen vertraut</translation>
    </message>
    <message>
        <source>Trusted by policy</source>
        <translation>Laut Richtlinie vertraut</translation>
    </message>
</context>
<context>
    <name>KeysPanel</name>
    <message>
        <source>Create</source>
        <translation>Anlegen</translation>
    </message>
    <message>
        <source>Trust a key</source>
        <translation>Schlüssel vertrauen</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Ausführen</translation>
    </message>
    <message>
        <source>Revoke</source>
        <translation>Widerrufen</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Whose</source>
        <translation>Wessen</translation>
    </message>
    <message>
        <source>Signs</source>
        <translation>Signiert</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>Gültig bis</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>No key yet</source>
        <translation>Noch kein Schlüssel</translation>
    </message>
    <message>
        <source>Create one to sign bundles, or trust the key of whoever sends you some.</source>
        <translation>Legen Sie einen an, um Bündel zu signieren, oder vertrauen Sie dem Schlüssel dessen, der Ihnen welche schickt.</translation>
    </message>
    <message>
        <source>No signature is believed now.</source>
        <translation>Derzeit wird keiner Signatur geglaubt.</translation>
    </message>
    <message>
        <source>no end</source>
        <translation>ohne Ende</translation>
    </message>
    <message>
        <source>Fingerprint</source>
        <translation>Fingerabdruck</translation>
    </message>
    <message>
        <source>Fingerprint, to be read aloud</source>
        <translation>Fingerabdruck zum Vorlesen</translation>
    </message>
    <message>
        <source>Policy lets only the administrator&apos;s keys count. Keys of your own still sign what you make.</source>
        <translation>Laut Richtlinie zählen nur die Schlüssel der Verwaltung. Ihre eigenen signieren weiterhin, was Sie anfertigen.</translation>
    </message>
    <message>
        <source>Choose a key to see its fingerprint, to export or to revoke it.</source>
        <translation>Wählen Sie einen Schlüssel, um seinen Fingerabdruck zu sehen, ihn auszuführen oder zu widerrufen.</translation>
    </message>
    <message>
        <source>valid from {0}</source>
        <translation>gültig ab {0}</translation>
    </message>
    <message>
        <source>protected by a passphrase</source>
        <translation>durch einen Kennsatz geschützt</translation>
    </message>
    <message>
        <source>not protected by a passphrase</source>
        <translation>durch keinen Kennsatz geschützt</translation>
    </message>
    <message>
        <source>revoked: {0}</source>
        <translation>widerrufen: {0}</translation>
    </message>
    <message>
        <source>The key was made.</source>
        <translation>Der Schlüssel ist angelegt.</translation>
    </message>
    <message>
        <source>Its public part lies in {0}.</source>
        <translation>Sein öffentlicher Teil liegt in {0}.</translation>
    </message>
    <message>
        <source>Export the public part</source>
        <translation>Öffentlichen Teil ausführen</translation>
    </message>
    <message>
        <source>Export {0}</source>
        <translation>{0} ausführen</translation>
    </message>
    <message>
        <source>Written to {0}.</source>
        <translation>Geschrieben nach {0}.</translation>
    </message>
    <message>
        <source>Tell whoever gets it the fingerprint over another way.</source>
        <translation>Nennen Sie dem Empfänger den Fingerabdruck auf einem anderen Weg.</translation>
    </message>
</context>
<context>
    <name>LibraryPage</name>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Filter models</source>
        <translation>Modelle filtern</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Verify all</source>
        <translation>Alle prüfen</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>No model here</source>
        <translation>Kein Modell vorhanden</translation>
    </message>
    <message>
        <source>Drop a GGUF file or a model folder on the window, or import one.</source>
        <translation>Ziehen Sie eine GGUF-Datei oder einen Modellordner auf das Fenster, oder importieren Sie das Modell.</translation>
    </message>
    <message>
        <source>Selected</source>
        <translation>Ausgewählt</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Quant.</source>
        <translation>Quant.</translation>
    </message>
    <message>
        <source>License</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Publisher hash</source>
        <translation>Hash</translation>
    </message>
    <message>
        <source>Signature</source>
        <translation>Signatur</translation>
    </message>
    <message>
        <source>Scan</source>
        <translation>Scan</translation>
    </message>
    <message>
        <source>Approval</source>
        <translation>Freigabe</translation>
    </message>
    <message>
        <source>Gate</source>
        <translation>Abnahme</translation>
    </message>
    <message>
        <source>Last verified</source>
        <translation>Geprüft</translation>
    </message>
    <message>
        <source>Size, GiB</source>
        <translation>GiB</translation>
    </message>
    <message>
        <source>Export bundle</source>
        <translation>Bündel exportieren</translation>
    </message>
    <message>
        <source>More for what is selected</source>
        <translation>Mehr für die Auswahl</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>Evaluieren</translation>
    </message>
    <message>
        <source>Pin…</source>
        <translation>Anheften…</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>Lösen</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>Angeheftet</translation>
    </message>
    <message>
        <source>Why it is kept</source>
        <translation>Warum es bleibt</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Pin {0}?</source>
        <translation>{0} anheften?</translation>
    </message>
    <message>
        <source>A pinned model is neither removed nor collected until it is unpinned.</source>
        <translation>Ein angeheftetes Modell wird weder entfernt noch aufgeräumt, bis es gelöst wird.</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>Anheften</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>{0} selected</source>
        <translation>{0} ausgewählt</translation>
    </message>
    <message>
        <source>Remove {0}?</source>
        <translation>{0} entfernen?</translation>
    </message>
    <message>
        <source>Its files are deleted from the store, except those other models share. Its record stays, so that runs and the log still name it.</source>
        <translation>Die Dateien werden aus dem Speicher gelöscht, außer denen, die andere Modelle mitnutzen. Der Datensatz bleibt, damit Läufe und Protokoll das Modell weiterhin nennen.</translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation>{0} entfernen</translation>
    </message>
</context>
<context>
    <name>License</name>
    <message>
        <source>Using it</source>
        <translation>Nutzung</translation>
    </message>
    <message>
        <source>Passing it on</source>
        <translation>Weitergabe</translation>
    </message>
    <message>
        <source>Legal terms</source>
        <translation>Rechtliches</translation>
    </message>
    <message>
        <source>Commercial use</source>
        <translation>Gewerblich</translation>
    </message>
    <message>
        <source>Any scale</source>
        <translation>Jeder Umfang</translation>
    </message>
    <message>
        <source>Any purpose</source>
        <translation>Jeder Zweck</translation>
    </message>
    <message>
        <source>Any field and territory</source>
        <translation>Jedes Feld und Land</translation>
    </message>
    <message>
        <source>Outputs for training</source>
        <translation>Training mit Ausgaben</translation>
    </message>
    <message>
        <source>Redistribution</source>
        <translation>Weiterverbreitung</translation>
    </message>
    <message>
        <source>Derivatives</source>
        <translation>Abwandlungen</translation>
    </message>
    <message>
        <source>Free choice of name</source>
        <translation>Freie Namenswahl</translation>
    </message>
    <message>
        <source>Without notices</source>
        <translation>Ohne Hinweise</translation>
    </message>
    <message>
        <source>Patent license</source>
        <translation>Patentlizenz</translation>
    </message>
    <message>
        <source>Safe from termination</source>
        <translation>Unkündbar</translation>
    </message>
    <message>
        <source>No indemnity owed</source>
        <translation>Keine Freistellung</translation>
    </message>
    <message>
        <source>Free choice of law</source>
        <translation>Freie Rechtswahl</translation>
    </message>
    <message>
        <source>Terms stay as they are</source>
        <translation>Feste Bedingungen</translation>
    </message>
</context>
<context>
    <name>LicenseTab</name>
    <message>
        <source>Obligations</source>
        <translation>Pflichten</translation>
    </message>
    <message>
        <source>A summary, not legal advice.</source>
        <translation>Eine Zusammenfassung, keine Rechtsberatung.</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>Antworten</translation>
    </message>
    <message>
        <source>The license is not known</source>
        <translation>Die Lizenz ist nicht bekannt</translation>
    </message>
    <message>
        <source>The entry names no license that has been read here. The text that comes with the files decides; it is compared once they are in the store.</source>
        <translation>Der Eintrag nennt keine Lizenz, die hier gelesen wurde. Der Text, der mit den Dateien kommt, entscheidet; er wird verglichen, sobald sie im Speicher liegen.</translation>
    </message>
    <message>
        <source>The entry says {0}.</source>
        <translation>Der Eintrag sagt {0}.</translation>
    </message>
    <message>
        <source>That is its publisher&apos;s word. The text that comes with the files decides; it is compared once they are in the store.</source>
        <translation>Das ist das Wort des Herausgebers. Der Text, der mit den Dateien kommt, entscheidet; er wird verglichen, sobald sie im Speicher liegen.</translation>
    </message>
    <message>
        <source>License text</source>
        <translation>Lizenztext</translation>
    </message>
    <message>
        <source>Summary {0}</source>
        <translation>Zusammenfassung {0}</translation>
    </message>
    <message>
        <source>Yes is always the freer answer. Not mentioned: the whole text was read and is silent; that is not a yes. Not known: not read, or not in the files.</source>
        <translation>Ja ist stets die freiere Antwort. Nicht erwähnt: Der ganze Text wurde gelesen und schweigt; das ist kein Ja. Nicht bekannt: nicht gelesen oder nicht in den Dateien.</translation>
    </message>
    <message>
        <source>None that are known.</source>
        <translation>Keine bekannt.</translation>
    </message>
</context>
<context>
    <name>MachinePage</name>
    <message>
        <source>Machine</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>Probe again</source>
        <translation>Neu ermitteln</translation>
    </message>
    <message>
        <source>Free memory changes while you look; a model&apos;s fit is asked anew each time.</source>
        <translation>Freier Speicher ändert sich laufend; ob ein Modell passt, wird jedes Mal neu erfragt.</translation>
    </message>
    <message>
        <source>Not everything could be read.</source>
        <translation>Nicht alles konnte gelesen werden.</translation>
    </message>
    <message>
        <source>Probed in {0}.</source>
        <translation>Ermittelt in {0}.</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Cores</source>
        <translation>Kerne</translation>
    </message>
    <message>
        <source>{0} physical, {1} logical</source>
        <translation>{0} physisch, {1} logisch</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>Befehlssätze</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Arbeitsspeicher</translation>
    </message>
    <message>
        <source>Available</source>
        <translation>Verfügbar</translation>
    </message>
    <message>
        <source>Swap free</source>
        <translation>Auslagerung frei</translation>
    </message>
    <message>
        <source>Limited by</source>
        <translation>Begrenzt durch</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>Belegt</translation>
    </message>
    <message>
        <source>Free</source>
        <translation>Frei</translation>
    </message>
    <message>
        <source>the driver does not tell</source>
        <translation>der Treiber meldet nichts</translation>
    </message>
    <message>
        <source>Driver</source>
        <translation>Treiber</translation>
    </message>
    <message>
        <source>Used by</source>
        <translation>Benutzt von</translation>
    </message>
    <message>
        <source>nobody known</source>
        <translation>niemand bekannt</translation>
    </message>
    <message>
        <source>Disks</source>
        <translation>Datenträger</translation>
    </message>
    <message>
        <source>{0} free of {1}</source>
        <translation>{0} von {1} frei</translation>
    </message>
    <message>
        <source>models lie here</source>
        <translation>hier liegen Modelle</translation>
    </message>
    <message>
        <source>No disk could be read.</source>
        <translation>Kein Datenträger konnte gelesen werden.</translation>
    </message>
    <message>
        <source>What the engine sees</source>
        <translation>Was die Engine sieht</translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation>Nichts.</translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
    <message>
        <source>With conditions</source>
        <translation>Mit Auflagen</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
    <message>
        <source>Not mentioned</source>
        <translation>Nicht erwähnt</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Nicht bekannt</translation>
    </message>
    <message>
        <source>Pending</source>
        <translation>Ausstehend</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Verweigert</translation>
    </message>
    <message>
        <source>Begun</source>
        <translation>Begonnen</translation>
    </message>
</context>
<context>
    <name>ModelPage</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Verify again</source>
        <translation>Erneut prüfen</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Überblick</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>License</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Speicherbedarf</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>Nachweise</translation>
    </message>
    <message>
        <source>About this model</source>
        <translation>Über dieses Modell</translation>
    </message>
    <message>
        <source>{0} parameters</source>
        <translation>{0} Parameter</translation>
    </message>
    <message>
        <source>Model digest</source>
        <translation>Modell-Prüfsumme</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>Freigeben</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Approve {0}</source>
        <translation>{0} freigeben</translation>
    </message>
    <message>
        <source>Load {0}</source>
        <translation>{0} laden</translation>
    </message>
    <message>
        <source>Verify {0}</source>
        <translation>{0} prüfen</translation>
    </message>
    <message>
        <source>{0} read in {1}.</source>
        <translation>{0} gelesen in {1}.</translation>
    </message>
    <message>
        <source>Nothing differs.</source>
        <translation>Nichts weicht ab.</translation>
    </message>
    <message>
        <source>Not all files are as they were admitted.</source>
        <translation>Nicht alle Dateien sind so, wie sie zugelassen wurden.</translation>
    </message>
</context>
<context>
    <name>NetworkPill</name>
    <message>
        <source>Offline</source>
        <translation>Offline</translation>
    </message>
    <message>
        <source>Offline by policy</source>
        <translation>Offline laut Richtlinie</translation>
    </message>
    <message>
        <source>Online: {0}</source>
        <translation>Online: {0}</translation>
    </message>
    <message>
        <source>Network: {0}</source>
        <translation>Netz: {0}</translation>
    </message>
</context>
<context>
    <name>NetworkPopover</name>
    <message>
        <source>Connections of this session</source>
        <translation>Verbindungen dieser Sitzung</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Host</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>Ausgang</translation>
    </message>
    <message>
        <source>Asked by</source>
        <translation>Veranlasst von</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Policy keeps this installation offline. Every attempt is refused and listed.</source>
        <translation>Eine Richtlinie hält diese Installation offline. Jeder Versuch wird verweigert und aufgeführt.</translation>
    </message>
    <message>
        <source>The offline switch is on. Every attempt is refused and listed.</source>
        <translation>Der Offline-Schalter ist an. Jeder Versuch wird verweigert und aufgeführt.</translation>
    </message>
    <message>
        <source>Nothing connects unless someone asks for it. Every attempt is listed here.</source>
        <translation>Ohne Auftrag wird keine Verbindung aufgebaut. Jeder Versuch wird hier aufgeführt.</translation>
    </message>
    <message>
        <source>There was none in this session.</source>
        <translation>In dieser Sitzung gab es keinen.</translation>
    </message>
    <message>
        <source>Allowed</source>
        <translation>Erlaubt</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Verweigert</translation>
    </message>
</context>
<context>
    <name>Offer</name>
    <message>
        <source>On this machine: {0}</source>
        <translation>Auf diesem Rechner: {0}</translation>
    </message>
    <message>
        <source>It is copied, hashed and checked; nothing is moved, no network is used.</source>
        <translation>Es wird kopiert, in eine Prüfsumme gefasst und geprüft; nichts wird verschoben, kein Netz benutzt.</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>A reference: {0}</source>
        <translation>Eine Referenz: {0}</translation>
    </message>
    <message>
        <source>Opening shows what is known of it here; a source is asked only if you say so.</source>
        <translation>Öffnen zeigt, was hier darüber bekannt ist; eine Quelle wird nur auf Ihr Wort gefragt.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
</context>
<context>
    <name>OverviewTab</name>
    <message>
        <source>Model card</source>
        <translation>Modellkarte</translation>
    </message>
    <message>
        <source>No model card</source>
        <translation>Keine Modellkarte</translation>
    </message>
    <message>
        <source>None came with this model.</source>
        <translation>Mit diesem Modell kam keine.</translation>
    </message>
    <message>
        <source>Facts</source>
        <translation>Angaben</translation>
    </message>
    <message>
        <source>the publisher&apos;s words; images and addresses are not loaded</source>
        <translation>Worte des Herausgebers; Bilder und Adressen werden nicht geladen</translation>
    </message>
    <message>
        <source>the publisher&apos;s words, shortened</source>
        <translation>Worte des Herausgebers, gekürzt</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Publisher</source>
        <translation>Herausgeber</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Trained for</source>
        <translation>Trainiert für</translation>
    </message>
    <message>
        <source>{0} tokens</source>
        <translation>{0} Tokens</translation>
    </message>
    <message>
        <source>Base models</source>
        <translation>Basismodelle</translation>
    </message>
    <message>
        <source>Came from</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>Commit</translation>
    </message>
    <message>
        <source>Added</source>
        <translation>Hinzugefügt</translation>
    </message>
    <message>
        <source>Reference</source>
        <translation>Referenz</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Active for a token</source>
        <translation>Je Token aktiv</translation>
    </message>
    <message>
        <source>Dimensions</source>
        <translation>Maße</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Schlagwörter</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Browse</source>
        <translation>Katalog</translation>
    </message>
    <message>
        <source>Transfers</source>
        <translation>Transfers</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>Evaluieren</translation>
    </message>
    <message>
        <source>Audit</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
</context>
<context>
    <name>Parameters</name>
    <message>
        <source>On</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>Denken</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>System-Prompt</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>0 repeats itself; 1 wanders</source>
        <translation>0 wiederholt sich; 1 schweift ab</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Keep this share of likely words</source>
        <translation>Anteil wahrscheinlicher Wörter</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Keep this many likely words</source>
        <translation>Anzahl wahrscheinlicher Wörter</translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Drop words far below the best</source>
        <translation>Weit Schlechteres verwerfen</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>Wiederholungsstrafe</translation>
    </message>
    <message>
        <source>1 is none</source>
        <translation>1 ist keine</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>Längste Antwort</translation>
    </message>
    <message>
        <source>Tokens, thinking included</source>
        <translation>Tokens, Denken eingerechnet</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Seed</translation>
    </message>
    <message>
        <source>Same seed, same answer; -1: any</source>
        <translation>Gleich heißt gleich; -1: zufällig</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>Kontextlänge</translation>
    </message>
    <message>
        <source>0: as set; a change reloads</source>
        <translation>0: wie eingestellt; lädt neu</translation>
    </message>
    <message>
        <source>Where the template knows it</source>
        <translation>Falls die Vorlage es kennt</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Close the parameters</source>
        <translation>Parameter schließen</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
</context>
<context>
    <name>PassageCard</name>
    <message>
        <source>Passage</source>
        <translation>Textstelle</translation>
    </message>
    <message>
        <source>License text</source>
        <translation>Lizenztext</translation>
    </message>
    <message>
        <source>No license text came with this model.</source>
        <translation>Mit diesem Modell kam kein Lizenztext.</translation>
    </message>
    <message>
        <source>The text itself comes with the files; its passages are shown once they are here.</source>
        <translation>Der Text selbst kommt mit den Dateien; seine Stellen werden gezeigt, sobald sie hier sind.</translation>
    </message>
    <message>
        <source>Clause {0}</source>
        <translation>Klausel {0}</translation>
    </message>
    <message>
        <source>No clause</source>
        <translation>Keine Klausel</translation>
    </message>
</context>
<context>
    <name>PathField</name>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
</context>
<context>
    <name>PersonTurn</name>
    <message>
        <source>Edit and ask again</source>
        <translation>Ändern und neu fragen</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>You: {0}</source>
        <translation>Sie: {0}</translation>
    </message>
</context>
<context>
    <name>Question</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>ACQUIRE</source>
        <translation>BEZIEHEN</translation>
    </message>
    <message>
        <source>USE</source>
        <translation>NUTZEN</translation>
    </message>
    <message>
        <source>PROVE</source>
        <translation>BELEGEN</translation>
    </message>
</context>
<context>
    <name>ResultPane</name>
    <message>
        <source>Suite</source>
        <translation>Testreihe</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfpunkt</translation>
    </message>
    <message>
        <source>Passed</source>
        <translation>Bestanden</translation>
    </message>
    <message>
        <source>Share, 0–100 %,</source>
        <translation>Anteil, 0–100 %,</translation>
    </message>
    <message>
        <source>needed</source>
        <translation>verlangt</translation>
    </message>
    <message>
        <source>95 % interval</source>
        <translation>95-%-Int.</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Anmerkung</translation>
    </message>
    <message>
        <source>Rows of the run</source>
        <translation>Zeilen des Laufs</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Grade</source>
        <translation>Wertung</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Proben</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>Probe</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>PASS: interval wholly above the needed share. WARN: needed lies inside it. FAIL: wholly below.</source>
        <translation>PASS: Intervall ganz über dem verlangten Anteil. WARN: Der verlangte liegt darin. FAIL: ganz darunter.</translation>
    </message>
    <message>
        <source>Rows that judge the installation pass only when every item does.</source>
        <translation>Zeilen, die die Installation beurteilen, bestehen nur, wenn jede Aufgabe besteht.</translation>
    </message>
    <message>
        <source>seed {0}</source>
        <translation>Seed {0}</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>broken off</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
</context>
<context>
    <name>RevokeForm</name>
    <message>
        <source>Revoke {0}</source>
        <translation>{0} widerrufen</translation>
    </message>
    <message>
        <source>It is believed no longer, nor is what it signed before. This cannot be taken back.</source>
        <translation>Ihm wird nicht mehr geglaubt, auch nicht dem, was er früher signiert hat. Das lässt sich nicht zurücknehmen.</translation>
    </message>
    <message>
        <source>Revoke</source>
        <translation>Widerrufen</translation>
    </message>
    <message>
        <source>the stick with it was lost</source>
        <translation>der Stick damit ging verloren</translation>
    </message>
    <message>
        <source>&amp;Reason</source>
        <translation>&amp;Grund</translation>
    </message>
    <message>
        <source>It is written into the log.</source>
        <translation>Er wird ins Protokoll geschrieben.</translation>
    </message>
    <message>
        <source>Say why, for whoever reads the log.</source>
        <translation>Sagen Sie, warum, für alle, die das Protokoll lesen.</translation>
    </message>
</context>
<context>
    <name>SearchButton</name>
    <message>
        <source>Search or paste a reference…</source>
        <translation>Suchen oder Referenz einfügen…</translation>
    </message>
    <message>
        <source>Search, or paste a reference</source>
        <translation>Suchen oder Referenz einfügen</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Bezugsquellen</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Privatsphäre</translation>
    </message>
    <message>
        <source>Store</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Trust</source>
        <translation>Vertrauen</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Engine</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Stay offline</source>
        <translation>Offline bleiben</translation>
    </message>
    <message>
        <source>Allowed hosts</source>
        <translation>Erlaubte Hosts</translation>
    </message>
    <message>
        <source>Model hub</source>
        <translation>Modell-Hub</translation>
    </message>
    <message>
        <source>Use site mirrors without a trusted signature</source>
        <translation>Spiegel ohne vertraute Signatur benutzen</translation>
    </message>
    <message>
        <source>Needed to admit a model</source>
        <translation>Für die Zulassung verlangt</translation>
    </message>
    <message>
        <source>Whose signatures count</source>
        <translation>Wessen Signaturen zählen</translation>
    </message>
    <message>
        <source>Load admitted models only</source>
        <translation>Nur zugelassene Modelle laden</translation>
    </message>
    <message>
        <source>Signers a bundle needs</source>
        <translation>Nötige Signaturen eines Bündels</translation>
    </message>
    <message>
        <source>Take in unsigned bundles</source>
        <translation>Unsignierte Bündel annehmen</translation>
    </message>
    <message>
        <source>Needed to load a model</source>
        <translation>Nötig, um ein Modell zu laden</translation>
    </message>
    <message>
        <source>Gate before use</source>
        <translation>Abnahme vor Gebrauch</translation>
    </message>
    <message>
        <source>Allowed licenses</source>
        <translation>Erlaubte Lizenzen</translation>
    </message>
    <message>
        <source>Denied licenses</source>
        <translation>Verbotene Lizenzen</translation>
    </message>
    <message>
        <source>Allowed publishers</source>
        <translation>Erlaubte Herausgeber</translation>
    </message>
    <message>
        <source>Denied publishers</source>
        <translation>Verbotene Herausgeber</translation>
    </message>
    <message>
        <source>Denied digests</source>
        <translation>Verbotene Prüfsummen</translation>
    </message>
    <message>
        <source>Allowed formats</source>
        <translation>Erlaubte Formate</translation>
    </message>
    <message>
        <source>Who may approve</source>
        <translation>Wer freigeben darf</translation>
    </message>
    <message>
        <source>Approvals need a reason</source>
        <translation>Freigaben brauchen einen Grund</translation>
    </message>
    <message>
        <source>Whom to ask</source>
        <translation>Ansprechstelle</translation>
    </message>
    <message>
        <source>Evaluations keep</source>
        <translation>Evaluationen behalten</translation>
    </message>
    <message>
        <source>Patterns of this site</source>
        <translation>Muster dieses Hauses</translation>
    </message>
    <message>
        <source>Hash again before loading</source>
        <translation>Vor dem Laden neu prüfen</translation>
    </message>
    <message>
        <source>Days a verification holds</source>
        <translation>Tage, die eine Prüfung gilt</translation>
    </message>
    <message>
        <source>Where models lie</source>
        <translation>Wo Modelle liegen</translation>
    </message>
    <message>
        <source>Check in the background</source>
        <translation>Im Hintergrund prüfen</translation>
    </message>
    <message>
        <source>Second folder for checkpoints</source>
        <translation>Zweiter Ordner für Prüfpunkte</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>Kontextlänge</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Erscheinungsbild</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Refuse every connection. Even without this, nothing connects unless someone asks for it.</source>
        <translation>Jede Verbindung verweigern. Auch ohne dies wird ohne Auftrag keine Verbindung aufgebaut.</translation>
    </message>
    <message>
        <source>Only these hosts may be reached; *.name allows all below it. Empty: any host a person names.</source>
        <translation>Nur diese Hosts dürfen erreicht werden; *.name erlaubt alle darunter. Leer: jeder Host, den eine Person nennt.</translation>
    </message>
    <message>
        <source>The hub, or a mirror on site that speaks its interface.</source>
        <translation>Der Hub oder ein Spiegel im Haus mit derselben Schnittstelle.</translation>
    </message>
    <message>
        <source>Trust facts a model must have before it is admitted.</source>
        <translation>Vertrauensmerkmale, die ein Modell haben muss, bevor es zugelassen wird.</translation>
    </message>
    <message>
        <source>Otherwise a mirror is read only where a trusted key signed its index.</source>
        <translation>Sonst wird ein Spiegel nur gelesen, wenn ein vertrauter Schlüssel sein Verzeichnis signiert hat.</translation>
    </message>
    <message>
        <source>Keys you and the administrator trust, or only the administrator&apos;s. A revoked key never counts.</source>
        <translation>Schlüssel, denen Sie und die Verwaltung vertrauen, oder nur die der Verwaltung. Ein widerrufener zählt nie.</translation>
    </message>
    <message>
        <source>How many different trusted keys must have signed a bundle before it is taken in.</source>
        <translation>Wie viele verschiedene vertraute Schlüssel ein Bündel signiert haben müssen, bevor es angenommen wird.</translation>
    </message>
    <message>
        <source>A bundle without a trusted signature proves nothing about its sender. Its files are still checked.</source>
        <translation>Ein Bündel ohne vertraute Signatur belegt nichts über seinen Absender. Seine Dateien werden dennoch geprüft.</translation>
    </message>
    <message>
        <source>Trust facts a model must still have each time an engine opens it.</source>
        <translation>Merkmale, die ein Modell bei jedem Öffnen durch eine Engine noch haben muss.</translation>
    </message>
    <message>
        <source>With a gate, a model is used only after a finished one without a FAIL on the same files, engine and chat template. Evaluating it is always possible.</source>
        <translation>Mit einer Abnahme wird ein Modell erst benutzt, wenn sie ohne FAIL mit denselben Dateien, derselben Engine und Chatvorlage durchlief. Evaluieren geht immer.</translation>
    </message>
    <message>
        <source>Only models under these licenses are let in and loaded. Empty: any.</source>
        <translation>Nur Modelle unter diesen Lizenzen werden aufgenommen und geladen. Leer: alle.</translation>
    </message>
    <message>
        <source>Models under these licenses are neither let in nor loaded. unknown stands for no known license.</source>
        <translation>Modelle unter diesen Lizenzen werden weder aufgenommen noch geladen. unknown steht für keine bekannte Lizenz.</translation>
    </message>
    <message>
        <source>Only models of these publishers are let in and loaded. Empty: any.</source>
        <translation>Nur Modelle dieser Herausgeber werden aufgenommen und geladen. Leer: alle.</translation>
    </message>
    <message>
        <source>Models of these publishers are neither let in nor loaded.</source>
        <translation>Modelle dieser Herausgeber werden weder aufgenommen noch geladen.</translation>
    </message>
    <message>
        <source>Models and files with these sha256: digests are neither let in nor loaded.</source>
        <translation>Modelle und Dateien mit diesen sha256:-Prüfsummen werden weder aufgenommen noch geladen.</translation>
    </message>
    <message>
        <source>Formats that are let in and loaded.</source>
        <translation>Formate, die aufgenommen und geladen werden.</translation>
    </message>
    <message>
        <source>Accounts that may approve a model. Empty: anyone who may use this program.</source>
        <translation>Konten, die ein Modell freigeben dürfen. Leer: alle, die dieses Programm benutzen dürfen.</translation>
    </message>
    <message>
        <source>An approval without a reason is refused.</source>
        <translation>Eine Freigabe ohne Grund wird abgelehnt.</translation>
    </message>
    <message>
        <source>Connections of a download</source>
        <translation>Verbindungen eines Downloads</translation>
    </message>
    <message>
        <source>Fastest download</source>
        <translation>Höchsttempo eines Downloads</translation>
    </message>
    <message>
        <source>At once, over all its files. Fewer are used where a server allows fewer.</source>
        <translation>Zugleich, über alle seine Dateien. Weniger, wo ein Server weniger erlaubt.</translation>
    </message>
    <message>
        <source>Bytes per second, over all connections of a download. 0: as fast as it goes.</source>
        <translation>Bytes je Sekunde, über alle Verbindungen eines Downloads. 0: so schnell es geht.</translation>
    </message>
    <message>
        <source>What is stored of the prompts and answers of evaluations.</source>
        <translation>Was von Fragen und Antworten der Evaluationen gespeichert wird.</translation>
    </message>
    <message>
        <source>Regular expressions for what is personal or secret here, such as personnel numbers; redacted too.</source>
        <translation>Reguläre Ausdrücke für das, was hier persönlich oder geheim ist, etwa Personalnummern; auch das wird geschwärzt.</translation>
    </message>
    <message>
        <source>Always, when a file was touched since it was last verified, or also when that is long ago.</source>
        <translation>Immer, wenn eine Datei seit der letzten Prüfung angefasst wurde, oder auch, wenn diese lange her ist.</translation>
    </message>
    <message>
        <source>A model last verified longer ago is hashed again before it is loaded, where that is chosen above.</source>
        <translation>Ein länger nicht geprüftes Modell wird vor dem Laden neu geprüft, wo das oben gewählt ist.</translation>
    </message>
    <message>
        <source>A store made with steelyard store create, for several users or on another disk. Empty: your own.</source>
        <translation>Ein mit steelyard store create angelegter Speicher, für mehrere Benutzer oder auf einem anderen Datenträger. Leer: Ihr eigener.</translation>
    </message>
    <message>
        <source>While nothing else runs, hash again what was not verified for so many days. 0: never.</source>
        <translation>Solange nichts anderes läuft, neu prüfen, was so viele Tage nicht geprüft wurde. 0: nie.</translation>
    </message>
    <message>
        <source>Signed states of the log are copied there, best on another disk or machine. Empty: nowhere.</source>
        <translation>Signierte Stände des Protokolls werden dorthin kopiert, am besten auf einen anderen Datenträger oder Rechner. Leer: nirgendwohin.</translation>
    </message>
    <message>
        <source>Named in every refusal: a person, a desk or an address.</source>
        <translation>Steht in jeder Ablehnung: eine Person, eine Stelle oder eine Adresse.</translation>
    </message>
    <message>
        <source>Otherwise a verified model that still lacks approval may be loaded to evaluate it.</source>
        <translation>Sonst darf ein verifiziertes Modell ohne Freigabe geladen werden, um es zu evaluieren.</translation>
    </message>
    <message>
        <source>Tokens a model is loaded with, at most what it was trained for.</source>
        <translation>Tokens, mit denen ein Modell geladen wird, höchstens so viele, wie es trainiert ist.</translation>
    </message>
    <message>
        <source>0 uses every physical core.</source>
        <translation>0 nutzt jeden physischen Kern.</translation>
    </message>
    <message>
        <source>Light, dark, or as the system says.</source>
        <translation>Hell, dunkel oder wie das System.</translation>
    </message>
    <message>
        <source>Language of the window.</source>
        <translation>Sprache des Fensters.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Publisher hash matches</source>
        <translation>Hash des Herausgebers stimmt</translation>
    </message>
    <message>
        <source>Signed by a trusted key</source>
        <translation>Mit vertrautem Schlüssel signiert</translation>
    </message>
    <message>
        <source>Structure scan clean</source>
        <translation>Strukturscan ohne Befund</translation>
    </message>
    <message>
        <source>Approved by a person</source>
        <translation>Von einer Person freigegeben</translation>
    </message>
    <message>
        <source>Yours and the administrator&apos;s</source>
        <translation>Ihre und die der Verwaltung</translation>
    </message>
    <message>
        <source>The administrator&apos;s only</source>
        <translation>Nur die der Verwaltung</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Fast gate</source>
        <translation>Schnellabnahme</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>Nichts</translation>
    </message>
    <message>
        <source>Metadata only</source>
        <translation>Nur Metadaten</translation>
    </message>
    <message>
        <source>Redacted</source>
        <translation>Geschwärzt</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>Immer</translation>
    </message>
    <message>
        <source>When a file changed</source>
        <translation>Wenn sich eine Datei änderte</translation>
    </message>
    <message>
        <source>After some days</source>
        <translation>Nach einigen Tagen</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Show the first steps again</source>
        <translation>Erste Schritte erneut zeigen</translation>
    </message>
    <message>
        <source>Managed values are fixed by whoever administers this machine.</source>
        <translation>Verwaltete Werte legt fest, wer diesen Rechner administriert.</translation>
    </message>
    <message>
        <source>Safe mode: the managed policy cannot be trusted.</source>
        <translation>Sicherer Modus: Der verwalteten Richtlinie ist nicht zu trauen.</translation>
    </message>
    <message>
        <source>Nothing is fetched, and only admitted models are loaded, until it is put right.</source>
        <translation>Bis das behoben ist, wird nichts geholt, und nur zugelassene Modelle werden geladen.</translation>
    </message>
    <message>
        <source>Fixed by {0}</source>
        <translation>Festgelegt von {0}</translation>
    </message>
    <message>
        <source>Set by {0}</source>
        <translation>Gesetzt von {0}</translation>
    </message>
    <message>
        <source>As shipped</source>
        <translation>Wie ausgeliefert</translation>
    </message>
    <message>
        <source>Your setting</source>
        <translation>Ihre Einstellung</translation>
    </message>
    <message>
        <source>From the environment: {0}</source>
        <translation>Aus der Umgebung: {0}</translation>
    </message>
    <message>
        <source>For this session only</source>
        <translation>Nur für diese Sitzung</translation>
    </message>
    <message>
        <source>Fixed by safe mode</source>
        <translation>Durch sicheren Modus festgelegt</translation>
    </message>
    <message>
        <source>On</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>The language changes when the window is opened again.</source>
        <translation>Die Sprache ändert sich beim nächsten Öffnen des Fensters.</translation>
    </message>
</context>
<context>
    <name>Sheet</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>Skeleton</name>
    <message>
        <source>Loading</source>
        <translation>Wird geladen</translation>
    </message>
</context>
<context>
    <name>SourceForm</name>
    <message>
        <source>Add a source</source>
        <translation>Quelle hinzufügen</translation>
    </message>
    <message>
        <source>Nothing is asked of it until somebody refreshes or downloads, and only where policy allows its host.</source>
        <translation>Sie wird erst gefragt, wenn jemand auffrischt oder herunterlädt, und nur, wenn die Richtlinie ihren Host erlaubt.</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Folder of models</source>
        <translation>Ordner mit Modellen</translation>
    </message>
    <message>
        <source>Certificate authorities</source>
        <translation>Zertifizierungsstellen</translation>
    </message>
    <message>
        <source>&amp;Kind</source>
        <translation>&amp;Art</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>As lists and commands will call it.</source>
        <translation>So heißt sie in Listen und Befehlen.</translation>
    </message>
    <message>
        <source>&amp;Where</source>
        <translation>&amp;Ort</translation>
    </message>
    <message>
        <source>Certificate &amp;authorities</source>
        <translation>&amp;Zertifizierungsstellen</translation>
    </message>
    <message>
        <source>A file to trust instead of the system&apos;s. Empty: the system&apos;s.</source>
        <translation>Eine Datei, der statt denen des Systems vertraut wird. Leer: die des Systems.</translation>
    </message>
    <message>
        <source>&amp;Proxy</source>
        <translation>&amp;Proxy</translation>
    </message>
    <message>
        <source>Empty: the system&apos;s.</source>
        <translation>Leer: der des Systems.</translation>
    </message>
    <message>
        <source>Variable with its access &amp;token</source>
        <translation>Variable mit dem Zugangs&amp;token</translation>
    </message>
    <message>
        <source>Of the environment. Empty: the system&apos;s keyring is asked.</source>
        <translation>Der Umgebung. Leer: Der Schlüsselbund des Systems wird gefragt.</translation>
    </message>
</context>
<context>
    <name>SourceStrip</name>
    <message>
        <source>Sources</source>
        <translation>Bezugsquellen</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Auffrischen</translation>
    </message>
    <message>
        <source>Where these rows come from</source>
        <translation>Woher diese Zeilen kommen</translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation>und {0} weitere</translation>
    </message>
    <message>
        <source>Asking the sources…</source>
        <translation>Quellen werden gefragt…</translation>
    </message>
    <message>
        <source>No source to ask; add one in the settings.</source>
        <translation>Keine Quelle zu fragen; fügen Sie in den Einstellungen eine hinzu.</translation>
    </message>
</context>
<context>
    <name>SourcesPanel</name>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Drop</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Auffrischen</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Usable now</source>
        <translation>Jetzt nutzbar</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Asked</source>
        <translation>Gefragt</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Bezugsquellen</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
    <message>
        <source>fixed by {0}</source>
        <translation>festgelegt durch {0}</translation>
    </message>
    <message>
        <source>fixed by policy</source>
        <translation>durch Richtlinie festgelegt</translation>
    </message>
    <message>
        <source>They are asked in this order. Choose one to refresh or drop it.</source>
        <translation>Sie werden in dieser Reihenfolge gefragt. Wählen Sie eine, um sie aufzufrischen oder zu entfernen.</translation>
    </message>
    <message>
        <source>{0}: it cannot be dropped here.</source>
        <translation>{0}: Hier lässt sie sich nicht entfernen.</translation>
    </message>
    <message>
        <source>These facts came with Steelyard and go with it.</source>
        <translation>Diese Angaben kamen mit Steelyard und gehen mit ihm.</translation>
    </message>
    <message>
        <source>An access token is known for it; it is never shown or logged.</source>
        <translation>Ein Zugangstoken ist dafür bekannt; es wird nie gezeigt oder protokolliert.</translation>
    </message>
    <message>
        <source>Its index is signed by {0}.</source>
        <translation>Ihr Verzeichnis ist von {0} signiert.</translation>
    </message>
    <message>
        <source>No trusted key has signed its index.</source>
        <translation>Kein vertrauter Schlüssel hat ihr Verzeichnis signiert.</translation>
    </message>
    <message>
        <source>A source needs a name and a place.</source>
        <translation>Eine Quelle braucht einen Namen und einen Ort.</translation>
    </message>
    <message>
        <source>Add {0}</source>
        <translation>{0} hinzufügen</translation>
    </message>
    <message>
        <source>Also forget the {0} models learned from it</source>
        <translation>Auch die {0} von ihr gemeldeten Modelle vergessen</translation>
    </message>
    <message>
        <source>Drop {0}?</source>
        <translation>{0} entfernen?</translation>
    </message>
    <message>
        <source>It is no longer asked. Models in the store stay.</source>
        <translation>Sie wird nicht mehr gefragt. Modelle im Speicher bleiben.</translation>
    </message>
    <message>
        <source>Drop {0}</source>
        <translation>{0} entfernen</translation>
    </message>
    <message>
        <source>Ask {0}</source>
        <translation>{0} fragen</translation>
    </message>
    <message>
        <source>It did not answer in full.</source>
        <translation>Sie hat nicht vollständig geantwortet.</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>RAM</source>
        <translation>RAM</translation>
    </message>
    <message>
        <source>Memory in use</source>
        <translation>Belegter Arbeitsspeicher</translation>
    </message>
    <message>
        <source>VRAM</source>
        <translation>VRAM</translation>
    </message>
    <message>
        <source>GPU memory in use</source>
        <translation>Belegter Grafikspeicher</translation>
    </message>
    <message>
        <source>No model loaded</source>
        <translation>Kein Modell geladen</translation>
    </message>
    <message>
        <source>{0} tokens/s</source>
        <translation>{0} Tokens/s</translation>
    </message>
    <message>
        <source>{0} transfers</source>
        <translation>{0} Transfers</translation>
    </message>
    <message>
        <source>1 transfer</source>
        <translation>1 Transfer</translation>
    </message>
    <message>
        <source>Log #{0}</source>
        <translation>Protokoll #{0}</translation>
    </message>
    <message>
        <source>{0} · not witnessed</source>
        <translation>{0} · unbezeugt</translation>
    </message>
    <message>
        <source>{0} · witnessed to #{1}</source>
        <translation>{0} · bezeugt bis #{1}</translation>
    </message>
</context>
<context>
    <name>StoreView</name>
    <message>
        <source>The store is away.</source>
        <translation>Der Speicher ist nicht da.</translation>
    </message>
    <message>
        <source>Connect the disk or share of {0}, then press F5. Nothing was lost.</source>
        <translation>Verbinden Sie das Laufwerk oder die Freigabe von {0}, und drücken Sie F5. Nichts ging verloren.</translation>
    </message>
    <message>
        <source>The list shows what was known last; nothing of it can be loaded now.</source>
        <translation>Die Liste zeigt den zuletzt bekannten Stand; nichts davon kann jetzt geladen werden.</translation>
    </message>
    <message>
        <source>The store needs a look.</source>
        <translation>Der Speicher braucht Aufmerksamkeit.</translation>
    </message>
    <message>
        <source>You may use this store and not change it.</source>
        <translation>Sie dürfen diesen Speicher nutzen, aber nicht ändern.</translation>
    </message>
    <message>
        <source>Ask whoever keeps {0} to take models in or remove them.</source>
        <translation>Wer {0} verwaltet, kann Modelle aufnehmen oder entfernen.</translation>
    </message>
    <message>
        <source>{0} models, {1}</source>
        <translation>{0} Modelle, {1}</translation>
    </message>
    <message>
        <source>{0} files shared between models</source>
        <translation>{0} Dateien von mehreren Modellen genutzt</translation>
    </message>
    <message>
        <source>{0} free</source>
        <translation>{0} frei</translation>
    </message>
    <message>
        <source>Free {0}</source>
        <translation>{0} freigeben</translation>
    </message>
    <message>
        <source>Oldest check: {0}</source>
        <translation>Älteste Prüfung: {0}</translation>
    </message>
    <message>
        <source>Check the oldest</source>
        <translation>Älteste prüfen</translation>
    </message>
    <message>
        <source>today</source>
        <translation>heute</translation>
    </message>
    <message>
        <source>1 day ago</source>
        <translation>vor 1 Tag</translation>
    </message>
    <message>
        <source>{0} days ago</source>
        <translation>vor {0} Tagen</translation>
    </message>
    <message>
        <source>Verify all models</source>
        <translation>Alle Modelle prüfen</translation>
    </message>
    <message>
        <source>Verify {0}</source>
        <translation>{0} prüfen</translation>
    </message>
    <message>
        <source>Check what was not verified for {0} days</source>
        <translation>Prüfen, was {0} Tage nicht geprüft wurde</translation>
    </message>
    <message>
        <source>{0} read in {1}.</source>
        <translation>{0} in {1} gelesen.</translation>
    </message>
    <message>
        <source>Nothing differs.</source>
        <translation>Nichts weicht ab.</translation>
    </message>
    <message>
        <source>{0} models, {1} read. {2} still to be checked.</source>
        <translation>{0} Modelle, {1} gelesen. {2} noch zu prüfen.</translation>
    </message>
    <message>
        <source>Not all files are as they were admitted.</source>
        <translation>Nicht alle Dateien sind wie bei der Zulassung.</translation>
    </message>
    <message>
        <source>These models cannot be loaded. Import them again from a good copy.</source>
        <translation>Diese Modelle können nicht geladen werden. Importieren Sie sie erneut aus einer guten Kopie.</translation>
    </message>
    <message>
        <source>Look for rubbish in the store</source>
        <translation>Nach Überresten suchen</translation>
    </message>
    <message>
        <source>{0} files and {1} left-over folders that no model refers to are deleted. Models, pins and what is on its way stay.</source>
        <translation>{0} Dateien und {1} übrige Ordner, auf die kein Modell verweist, werden gelöscht. Modelle, Angeheftetes und alles Unterwegs bleiben.</translation>
    </message>
    <message>
        <source>Spared: {0}</source>
        <translation>Verschont: {0}</translation>
    </message>
    <message>
        <source>Free {0}?</source>
        <translation>{0} freigeben?</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Free space in the store</source>
        <translation>Platz im Speicher schaffen</translation>
    </message>
    <message>
        <source>{0} freed.</source>
        <translation>{0} freigegeben.</translation>
    </message>
</context>
<context>
    <name>Suites</name>
    <message>
        <source>Fast gate</source>
        <translation>Schnellabnahme</translation>
    </message>
    <message>
        <source>Starter check</source>
        <translation>Startprüfung</translation>
    </message>
    <message>
        <source>Loads, and is the very file</source>
        <translation>Lädt und ist genau diese Datei</translation>
    </message>
    <message>
        <source>Chat template is sound</source>
        <translation>Chat-Vorlage ist in Ordnung</translation>
    </message>
    <message>
        <source>Valid JSON when held to it</source>
        <translation>Gültiges JSON unter Vorgabe</translation>
    </message>
    <message>
        <source>Same seed, same answer</source>
        <translation>Gleicher Seed, gleiche Antwort</translation>
    </message>
    <message>
        <source>Writes at a usable speed</source>
        <translation>Schreibt brauchbar schnell</translation>
    </message>
    <message>
        <source>Follows instructions</source>
        <translation>Befolgt Anweisungen</translation>
    </message>
    <message>
        <source>Cites the right source</source>
        <translation>Nennt die richtige Quelle</translation>
    </message>
    <message>
        <source>Refuses what it must</source>
        <translation>Lehnt ab, was es muss</translation>
    </message>
    <message>
        <source>Answers what it may</source>
        <translation>Beantwortet, was es darf</translation>
    </message>
    <message>
        <source>Valid JSON when asked</source>
        <translation>Gültiges JSON, wenn verlangt</translation>
    </message>
    <message>
        <source>Does not loop</source>
        <translation>Verfällt nicht in Schleifen</translation>
    </message>
    <message>
        <source>Stays in German</source>
        <translation>Bleibt beim Deutschen</translation>
    </message>
    <message>
        <source>Answers, then stops</source>
        <translation>Antwortet, dann Schluss</translation>
    </message>
    <message>
        <source>Same tokens as when it was made</source>
        <translation>Tokens wie bei der Herstellung</translation>
    </message>
    <message>
        <source>Repeats exactly</source>
        <translation>Wiederholt genau</translation>
    </message>
    <message>
        <source>JSON with given keys</source>
        <translation>JSON mit gegebenen Schlüsseln</translation>
    </message>
    <message>
        <source>Answers from context</source>
        <translation>Antwortet aus dem Kontext</translation>
    </message>
    <message>
        <source>Small sums</source>
        <translation>Kleine Summen</translation>
    </message>
    <message>
        <source>Lists of n items</source>
        <translation>Listen mit n Punkten</translation>
    </message>
    <message>
        <source>Upper case</source>
        <translation>Großschreibung</translation>
    </message>
    <message>
        <source>German and French</source>
        <translation>Deutsch und Französisch</translation>
    </message>
    <message>
        <source>Says what it is</source>
        <translation>Sagt, was es ist</translation>
    </message>
</context>
<context>
    <name>TakingIn</name>
    <message>
        <source>Not taken in: {0}.</source>
        <translation>Nicht aufgenommen: {0}.</translation>
    </message>
    <message>
        <source>Import {0}</source>
        <translation>{0} importieren</translation>
    </message>
    <message>
        <source>Check {0}</source>
        <translation>{0} prüfen</translation>
    </message>
    <message>
        <source>Received by {0}, {1}.</source>
        <translation>Empfangen von {0}, {1}.</translation>
    </message>
    <message>
        <source>The receipt answers bundle {0}.</source>
        <translation>Die Quittung gehört zu Bündel {0}.</translation>
    </message>
    <message>
        <source>The receipt does not answer what was sent.</source>
        <translation>Die Quittung passt nicht zu dem, was gesendet wurde.</translation>
    </message>
</context>
<context>
    <name>Tasks</name>
    <message>
        <source>stopping at the next safe point</source>
        <translation>hält am nächsten sicheren Punkt an</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>begun</source>
        <translation>begonnen</translation>
    </message>
    <message>
        <source>{0} tokens/s</source>
        <translation>{0} Tokens/s</translation>
    </message>
    <message>
        <source>fetching</source>
        <translation>wird geholt</translation>
    </message>
    <message>
        <source>copying</source>
        <translation>wird kopiert</translation>
    </message>
    <message>
        <source>asking</source>
        <translation>fragt nach</translation>
    </message>
    <message>
        <source>reading what is here</source>
        <translation>Vorhandenes wird gelesen</translation>
    </message>
    <message>
        <source>repairing</source>
        <translation>wird repariert</translation>
    </message>
    <message>
        <source>judging</source>
        <translation>wird beurteilt</translation>
    </message>
    <message>
        <source>signing</source>
        <translation>wird signiert</translation>
    </message>
    <message>
        <source>checking the signature</source>
        <translation>Signatur wird geprüft</translation>
    </message>
    <message>
        <source>hashing</source>
        <translation>Prüfsumme wird gebildet</translation>
    </message>
    <message>
        <source>scanning</source>
        <translation>wird durchsucht</translation>
    </message>
    <message>
        <source>loading</source>
        <translation>wird geladen</translation>
    </message>
    <message>
        <source>evaluating</source>
        <translation>wird evaluiert</translation>
    </message>
    <message>
        <source>verifying</source>
        <translation>wird geprüft</translation>
    </message>
    <message>
        <source>writing</source>
        <translation>schreibt</translation>
    </message>
    <message>
        <source>measuring</source>
        <translation>wird gemessen</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
</context>
<context>
    <name>TasksButton</name>
    <message>
        <source>{0} tasks</source>
        <translation>{0} Aufgaben</translation>
    </message>
    <message>
        <source>1 task</source>
        <translation>1 Aufgabe</translation>
    </message>
    <message>
        <source>{0} failed</source>
        <translation>{0} fehlgeschlagen</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>Aufgaben</translation>
    </message>
</context>
<context>
    <name>TasksPopover</name>
    <message>
        <source>Tasks</source>
        <translation>Aufgaben</translation>
    </message>
    <message>
        <source>Clear finished</source>
        <translation>Erledigte entfernen</translation>
    </message>
    <message>
        <source>Transfers</source>
        <translation>Transfers</translation>
    </message>
    <message>
        <source>Nothing runs. Downloads, imports, checks and evaluations appear here.</source>
        <translation>Nichts läuft. Downloads, Importe, Prüfungen und Evaluierungen erscheinen hier.</translation>
    </message>
</context>
<context>
    <name>TransferCard</name>
    <message>
        <source>Transfer</source>
        <translation>Transfer</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Show model</source>
        <translation>Modell zeigen</translation>
    </message>
    <message>
        <source>Show in log</source>
        <translation>Im Protokoll zeigen</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Declared digest</source>
        <translation>Angegebene Prüfsumme</translation>
    </message>
    <message>
        <source>Found digest</source>
        <translation>Gefundene Prüfsumme</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>Hier</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Files of the transfer</source>
        <translation>Dateien des Transfers</translation>
    </message>
    <message>
        <source>Its files are listed here once they are known.</source>
        <translation>Seine Dateien stehen hier, sobald sie bekannt sind.</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Gerade</translation>
    </message>
    <message>
        <source>Kept</source>
        <translation>Erhalten</translation>
    </message>
    <message>
        <source>Next step</source>
        <translation>Nächster Schritt</translation>
    </message>
    <message>
        <source>Facts of the transfer</source>
        <translation>Angaben zum Transfer</translation>
    </message>
    <message>
        <source>These bytes were refused.</source>
        <translation>Diese Bytes wurden abgelehnt.</translation>
    </message>
    <message>
        <source>It stands still.</source>
        <translation>Er ruht.</translation>
    </message>
    <message>
        <source>Matches</source>
        <translation>Stimmt</translation>
    </message>
    <message>
        <source>In the store</source>
        <translation>Im Speicher</translation>
    </message>
    <message>
        <source>Differs</source>
        <translation>Weicht ab</translation>
    </message>
    <message>
        <source>To be judged</source>
        <translation>Noch ungeprüft</translation>
    </message>
    <message>
        <source>In part</source>
        <translation>Zum Teil</translation>
    </message>
    <message>
        <source>Waits</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>None given</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
</context>
<context>
    <name>Transfers</name>
    <message>
        <source>Download</source>
        <translation>Download</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Import</translation>
    </message>
    <message>
        <source>Adoption</source>
        <translation>Übernahme</translation>
    </message>
    <message>
        <source>Bundle in</source>
        <translation>Bündel herein</translation>
    </message>
    <message>
        <source>Bundle out</source>
        <translation>Bündel hinaus</translation>
    </message>
    <message>
        <source>Refused bytes</source>
        <translation>Abgelehnte Bytes</translation>
    </message>
    <message>
        <source>Queued</source>
        <translation>Vorgemerkt</translation>
    </message>
    <message>
        <source>Asking</source>
        <translation>Fragt nach</translation>
    </message>
    <message>
        <source>Fetching</source>
        <translation>Wird geholt</translation>
    </message>
    <message>
        <source>Copying</source>
        <translation>Wird kopiert</translation>
    </message>
    <message>
        <source>Hashing</source>
        <translation>Prüfsumme</translation>
    </message>
    <message>
        <source>Repairing</source>
        <translation>Repariert</translation>
    </message>
    <message>
        <source>Scanning</source>
        <translation>Durchsucht</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Prüft</translation>
    </message>
    <message>
        <source>Signing</source>
        <translation>Signiert</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Hält an</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Quarantined</source>
        <translation>Quarantäne</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>Verifiziert</translation>
    </message>
    <message>
        <source>Admitted</source>
        <translation>Zugelassen</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>Geschrieben</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Elsewhere</source>
        <translation>Woanders</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>The bytes lie in quarantine, where no engine opens them, until discarded.</source>
        <translation>Die Bytes liegen in Quarantäne, wo keine Engine sie öffnet, bis sie verworfen werden.</translation>
    </message>
    <message>
        <source>All of it is in the store; every byte was hashed.</source>
        <translation>Alles liegt im Speicher; jedes Byte ging in eine Prüfsumme ein.</translation>
    </message>
    <message>
        <source>All of it is written.</source>
        <translation>Alles ist geschrieben.</translation>
    </message>
    <message>
        <source>{0} lie in quarantine; only the rest is fetched again.</source>
        <translation>{0} liegen in Quarantäne; nur der Rest wird noch geholt.</translation>
    </message>
    <message>
        <source>What arrives is kept when it stops.</source>
        <translation>Was ankommt, bleibt beim Anhalten erhalten.</translation>
    </message>
    <message>
        <source>Nothing is kept when it stops; the source is not touched.</source>
        <translation>Beim Abbruch bleibt nichts zurück; die Quelle wird nicht berührt.</translation>
    </message>
    <message>
        <source>Another Steelyard process works on it. It can be resumed here when that ends.</source>
        <translation>Ein anderer Steelyard-Prozess arbeitet daran. Endet der, geht es hier weiter.</translation>
    </message>
    <message>
        <source>It begins when another transfer ends.</source>
        <translation>Er beginnt, wenn ein anderer endet.</translation>
    </message>
    <message>
        <source>Resume it, or discard what arrived.</source>
        <translation>Setzen Sie ihn fort, oder verwerfen Sie, was ankam.</translation>
    </message>
    <message>
        <source>Get it from another source, or discard the bytes.</source>
        <translation>Holen Sie das Modell aus einer anderen Quelle, oder verwerfen Sie die Bytes.</translation>
    </message>
    <message>
        <source>See in the Library what it lacks to be used.</source>
        <translation>Was zur Nutzung fehlt, steht in der Bibliothek.</translation>
    </message>
    <message>
        <source>It can be loaded.</source>
        <translation>Es kann geladen werden.</translation>
    </message>
    <message>
        <source>Try again, or clear it from the list.</source>
        <translation>Versuchen Sie es erneut, oder entfernen Sie den Eintrag.</translation>
    </message>
</context>
<context>
    <name>TransfersPage</name>
    <message>
        <source>Transfers</source>
        <translation>Transfers</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Laufend</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartend</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Which transfers</source>
        <translation>Welche Transfers</translation>
    </message>
    <message>
        <source>Pause all</source>
        <translation>Alle anhalten</translation>
    </message>
    <message>
        <source>Clear finished</source>
        <translation>Erledigte entfernen</translation>
    </message>
    <message>
        <source>Import a file…</source>
        <translation>Datei importieren…</translation>
    </message>
    <message>
        <source>Nothing is on its way</source>
        <translation>Nichts ist unterwegs</translation>
    </message>
    <message>
        <source>Drop a GGUF file, a model folder or a bundle anywhere on the window.</source>
        <translation>Ziehen Sie eine GGUF-Datei, einen Modellordner oder ein Bündel irgendwo auf das Fenster.</translation>
    </message>
    <message>
        <source>None of these</source>
        <translation>Keiner davon</translation>
    </message>
    <message>
        <source>Others are listed under All.</source>
        <translation>Andere stehen unter Alle.</translation>
    </message>
    <message>
        <source>Every byte is hashed while it arrives; nothing leaves quarantine before it was judged.</source>
        <translation>Jedes Byte geht beim Eintreffen in eine Prüfsumme ein; nichts verlässt die Quarantäne ungeprüft.</translation>
    </message>
    <message>
        <source>Transfer</source>
        <translation>Transfer</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>Menge</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Speed, MiB/s</source>
        <translation>Tempo, MiB/s</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>Restzeit</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Cancel {0}?</source>
        <translation>{0} abbrechen?</translation>
    </message>
    <message>
        <source>The {0} that arrived are removed. Pause it instead to keep them.</source>
        <translation>Die angekommenen {0} werden gelöscht. Anhalten statt Abbrechen behält sie.</translation>
    </message>
    <message>
        <source>Cancel and remove</source>
        <translation>Abbrechen und löschen</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weitermachen</translation>
    </message>
    <message>
        <source>Discard {0}?</source>
        <translation>{0} verwerfen?</translation>
    </message>
    <message>
        <source>{0} are removed from quarantine. The log keeps the entries about it.</source>
        <translation>{0} werden aus der Quarantäne gelöscht. Die Einträge im Protokoll bleiben.</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
</context>
<context>
    <name>Trust</name>
    <message>
        <source>Matches</source>
        <translation>Stimmt</translation>
    </message>
    <message>
        <source>Publisher hash matches</source>
        <translation>Hash des Herausgebers stimmt</translation>
    </message>
    <message>
        <source>Differs</source>
        <translation>Weicht ab</translation>
    </message>
    <message>
        <source>Publisher hash differs</source>
        <translation>Hash des Herausgebers weicht ab</translation>
    </message>
    <message>
        <source>None given</source>
        <translation>Keiner</translation>
    </message>
    <message>
        <source>No publisher hash</source>
        <translation>Kein Hash des Herausgebers</translation>
    </message>
    <message>
        <source>Signed, {0}</source>
        <translation>Signiert, {0}</translation>
    </message>
    <message>
        <source>Unsigned</source>
        <translation>Unsigniert</translation>
    </message>
    <message>
        <source>Clean</source>
        <translation>Sauber</translation>
    </message>
    <message>
        <source>Scan clean</source>
        <translation>Scan ohne Befund</translation>
    </message>
    <message>
        <source>{0} findings</source>
        <translation>{0} Befunde</translation>
    </message>
    <message>
        <source>1 finding</source>
        <translation>1 Befund</translation>
    </message>
    <message>
        <source>Scan: {0}</source>
        <translation>Scan: {0}</translation>
    </message>
    <message>
        <source>Not run</source>
        <translation>Nicht gelaufen</translation>
    </message>
    <message>
        <source>Scan not run</source>
        <translation>Scan nicht gelaufen</translation>
    </message>
    <message>
        <source>by policy</source>
        <translation>Richtlinie</translation>
    </message>
    <message>
        <source>Approved by policy</source>
        <translation>Durch Richtlinie freigegeben</translation>
    </message>
    <message>
        <source>Approved by {0}</source>
        <translation>Freigegeben von {0}</translation>
    </message>
    <message>
        <source>Pending</source>
        <translation>Ausstehend</translation>
    </message>
    <message>
        <source>Approval pending</source>
        <translation>Freigabe ausstehend</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Not approved</source>
        <translation>Nicht freigegeben</translation>
    </message>
    <message>
        <source>Admitted</source>
        <translation>Zugelassen</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>Verifiziert</translation>
    </message>
    <message>
        <source>Quarantined</source>
        <translation>Quarantäne</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Retired</source>
        <translation>Archiviert</translation>
    </message>
    <message>
        <source>Fetching</source>
        <translation>Wird geholt</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>Erwartet</translation>
    </message>
    <message>
        <source>may be used under the policy in force</source>
        <translation>darf nach geltender Richtlinie benutzt werden</translation>
    </message>
    <message>
        <source>bytes are right, a fact that policy needs is missing</source>
        <translation>Bytes stimmen, ein von der Richtlinie verlangtes Merkmal fehlt</translation>
    </message>
    <message>
        <source>not opened by any engine</source>
        <translation>wird von keiner Engine geöffnet</translation>
    </message>
    <message>
        <source>refused; not opened by any engine</source>
        <translation>abgelehnt; wird von keiner Engine geöffnet</translation>
    </message>
    <message>
        <source>kept for the record, cannot be loaded</source>
        <translation>zum Nachweis aufbewahrt, nicht ladbar</translation>
    </message>
    <message>
        <source>on their way</source>
        <translation>unterwegs</translation>
    </message>
    <message>
        <source>not begun</source>
        <translation>nicht begonnen</translation>
    </message>
</context>
<context>
    <name>TrustForm</name>
    <message>
        <source>Trust a key</source>
        <translation>Schlüssel vertrauen</translation>
    </message>
    <message>
        <source>Ask its owner for the fingerprint in person or by telephone, not from where the file came from. Only if both agree is the key believed.</source>
        <translation>Erfragen Sie den Fingerabdruck beim Inhaber persönlich oder am Telefon, nicht dort, woher die Datei kam. Nur wenn beide übereinstimmen, wird dem Schlüssel geglaubt.</translation>
    </message>
    <message>
        <source>Trust</source>
        <translation>Vertrauen</translation>
    </message>
    <message>
        <source>A public key</source>
        <translation>Ein öffentlicher Schlüssel</translation>
    </message>
    <message>
        <source>days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>Public key &amp;file</source>
        <translation>&amp;Datei mit öffentlichem Schlüssel</translation>
    </message>
    <message>
        <source>&amp;Fingerprint as its owner told it</source>
        <translation>&amp;Fingerabdruck, wie ihn der Inhaber nannte</translation>
    </message>
    <message>
        <source>64 letters and digits; spaces do not matter.</source>
        <translation>64 Buchstaben und Ziffern; Leerzeichen zählen nicht.</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>As lists here will call it.</source>
        <translation>So heißt er in den Listen hier.</translation>
    </message>
    <message>
        <source>Believed &amp;when it signs</source>
        <translation>Geglaubt, &amp;wenn er signiert</translation>
    </message>
    <message>
        <source>&amp;Valid for</source>
        <translation>&amp;Gültig für</translation>
    </message>
    <message>
        <source>0: without end.</source>
        <translation>0: ohne Ende.</translation>
    </message>
    <message>
        <source>Choose the file, and give the key a name.</source>
        <translation>Wählen Sie die Datei und geben Sie dem Schlüssel einen Namen.</translation>
    </message>
    <message>
        <source>Without a fingerprint to compare, nobody knows whose key this is.</source>
        <translation>Ohne Fingerabdruck zum Vergleich weiß niemand, wessen Schlüssel das ist.</translation>
    </message>
    <message>
        <source>Tick what the key is believed to sign.</source>
        <translation>Kreuzen Sie an, was der Schlüssel signieren darf.</translation>
    </message>
</context>
<context>
    <name>Variants</name>
    <message>
        <source>The largest quantization that fits with room to spare, by the catalog&apos;s estimate.</source>
        <translation>Die größte Quantisierung, die mit Spielraum passt, nach Schätzung des Katalogs.</translation>
    </message>
    <message>
        <source>The smallest that fits at all, by the catalog&apos;s estimate; little memory would be left.</source>
        <translation>Die kleinste, die überhaupt passt, nach Schätzung des Katalogs; wenig Speicher bliebe frei.</translation>
    </message>
    <message>
        <source>None fits this machine, by the catalog&apos;s estimate.</source>
        <translation>Keine passt auf diesen Rechner, nach Schätzung des Katalogs.</translation>
    </message>
    <message>
        <source>Nothing is recommended: the sizes are not known yet.</source>
        <translation>Nichts wird empfohlen: Die Größen sind noch nicht bekannt.</translation>
    </message>
</context>
<context>
    <name>VariantsTab</name>
    <message>
        <source>Recommended</source>
        <translation>Empfohlen</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>Variante</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>File, GiB</source>
        <translation>Datei, GiB</translation>
    </message>
    <message>
        <source>Memory, GiB</source>
        <translation>Speicher, GiB</translation>
    </message>
    <message>
        <source>Fits here</source>
        <translation>Passt hier</translation>
    </message>
    <message>
        <source>KL divergence</source>
        <translation>KL-Divergenz</translation>
    </message>
    <message>
        <source>Evidence for quality</source>
        <translation>Beleg für die Güte</translation>
    </message>
    <message>
        <source>Publisher hash</source>
        <translation>Herausgeber-Hash</translation>
    </message>
    <message>
        <source>Variants</source>
        <translation>Varianten</translation>
    </message>
    <message>
        <source>No file is known yet</source>
        <translation>Noch ist keine Datei bekannt</translation>
    </message>
    <message>
        <source>What is known of this model came without a list of files. Ask its source for one.</source>
        <translation>Was über dieses Modell bekannt ist, kam ohne Liste der Dateien. Fragen Sie die Quelle danach.</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>published, {0}</source>
        <translation>veröffentlicht, {0}</translation>
    </message>
    <message>
        <source>not quantized</source>
        <translation>nicht quantisiert</translation>
    </message>
    <message>
        <source>in store</source>
        <translation>im Speicher</translation>
    </message>
    <message>
        <source>Declared</source>
        <translation>Erklärt</translation>
    </message>
    <message>
        <source>None known</source>
        <translation>Keiner bekannt</translation>
    </message>
    <message>
        <source>Memory: by the catalog&apos;s own estimate, a formula; Fit asks for any context length.</source>
        <translation>Speicher: nach Schätzung des Katalogs, einer Formel; unter Speicherbedarf für jede Kontextlänge.</translation>
    </message>
    <message>
        <source>≈ computed from parameters and bits per weight.</source>
        <translation>≈ aus Parametern und Bits je Gewicht errechnet.</translation>
    </message>
    <message>
        <source>A figure published for another model is a prior, not a promise.</source>
        <translation>Eine für ein anderes Modell veröffentlichte Zahl ist ein Anhalt, kein Versprechen.</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Close this notice</source>
        <translation>Hinweis schließen</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>Seite</translation>
    </message>
    <message>
        <source>Quit while tasks run? ({0})</source>
        <translation>Trotz laufender Aufgaben beenden? ({0})</translation>
    </message>
    <message>
        <source>They stop at their next safe point. What is complete is kept; nothing half-done remains.</source>
        <translation>Sie halten am nächsten sicheren Punkt an. Fertiges bleibt erhalten; nichts Halbes bleibt zurück.</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Downloads and bundles keep what arrived and go on when you resume them.</source>
        <translation>Downloads und Bündel behalten, was ankam, und gehen weiter, wenn Sie sie fortsetzen.</translation>
    </message>
    <message>
        <source>Imports begin again; their source is not touched.</source>
        <translation>Importe beginnen von vorn; ihre Quelle wird nicht berührt.</translation>
    </message>
    <message>
        <source>Other tasks stop at their next safe point.</source>
        <translation>Andere Aufgaben halten am nächsten sicheren Punkt an.</translation>
    </message>
    <message>
        <source>Close while transfers run? ({0})</source>
        <translation>Trotz laufender Transfers schließen? ({0})</translation>
    </message>
    <message>
        <source>Keep for later and close</source>
        <translation>Für später behalten und schließen</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>Bleiben</translation>
    </message>
    <message>
        <source>Close when done</source>
        <translation>Danach schließen</translation>
    </message>
</context>
<context>
    <name>Witnesses</name>
    <message>
        <source>What names the license</source>
        <translation>Was die Lizenz nennt</translation>
    </message>
    <message>
        <source>Model card tag</source>
        <translation>Modellkarte</translation>
    </message>
    <message>
        <source>LICENSE file</source>
        <translation>LICENSE</translation>
    </message>
    <message>
        <source>Header of the file</source>
        <translation>Dateikopf</translation>
    </message>
    <message>
        <source>counts</source>
        <translation>zählt</translation>
    </message>
    <message>
        <source>silent</source>
        <translation>schweigt</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
</context>
<context>
    <name>_CrumbButton</name>
    <message>
        <source>Back to {0}</source>
        <translation>Zurück zu {0}</translation>
    </message>
</context>
<context>
    <name>_Heading</name>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>zu</translation>
    </message>
    <message>
        <source>{0} chosen</source>
        <translation>{0} gewählt</translation>
    </message>
</context>
<context>
    <name>_Memory</name>
    <message>
        <source>{0} of {1} GiB</source>
        <translation>{0} von {1} GiB</translation>
    </message>
</context>
</TS>
