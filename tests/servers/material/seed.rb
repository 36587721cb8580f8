# Run once by qd-servers into a fresh database, which every start then copies.
Redmine::DefaultData::Loader.load('en')
Setting.rest_api_enabled = '1'
Setting.default_language = 'en'

admin = User.find_by_login('admin')
admin.must_change_passwd = false
# Nobody signs in with a password: the value is thrown away, and each start sets an API key of its own.
admin.password = admin.password_confirmation = SecureRandom.hex(20)
admin.save!
Token.create!(user: admin, action: 'api')

alice = User.new(firstname: 'Alice', lastname: 'Ops', mail: 'alice@shop.invalid', language: 'en')
alice.login = 'alice'
alice.password = alice.password_confirmation = SecureRandom.hex(20)
alice.save!

manager = Role.find_by_name('Manager')
trackers = Tracker.order(:position).to_a
statuses = IssueStatus.order(:position).to_a
priorities = IssuePriority.order(:position).to_a

projects = [%w[Shop shop], %w[Warehouse warehouse]].map do |name, identifier|
  project = Project.create!(name: name, identifier: identifier, is_public: true, tracker_ids: trackers.map(&:id),
                            enabled_module_names: %w[issue_tracking])
  [admin, alice].each { |person| Member.create!(project: project, principal: person, roles: [manager]) }
  project
end
shop, warehouse = projects
release = Version.create!(project: shop, name: '2.14', status: 'open')

# One subject is hostile on purpose: markup from a backend is text.
subjects = ['Checkout fails with an expired card', 'Basket loses items after sign-in', 'Price is shown without tax',
            '<b>Checkout</b> & <img src=x onerror=alert(1)>', 'Search finds nothing for "\u2603"', 'Add gift cards',
            'Receipt mail arrives twice', 'Slow product page', 'Refund is not possible', 'Dark colours for the shop',
            'Wrong currency in Switzerland', 'Newsletter cannot be cancelled']
subjects.each_with_index do |subject, i|
  issue = Issue.new(project: shop, author: i.even? ? admin : alice, tracker: trackers[i % trackers.size],
                    status: statuses[i % statuses.size], priority: priorities[i % priorities.size], subject: subject,
                    description: "h2. Steps\n\n* open the shop\n* case #{i + 1}",
                    assigned_to: (i.even? ? alice : nil), fixed_version: (i % 3 == 0 ? release : nil))
  issue.save!(validate: false)
  Journal.create!(journalized: issue, user: alice, notes: "Looking into it (#{i + 1}).") if i % 3 == 0
end
['Shelf label is wrong', 'Scanner loses its connection'].each do |subject|
  Issue.create!(project: warehouse, author: alice, tracker: trackers.first, status: statuses.first,
                priority: priorities.first, subject: subject)
end
